package io.datastream.imaging.local;

import java.util.function.BiFunction;
import java.util.function.Function;
import org.gaul.shaded.org.eclipse.jetty.io.Content;
import org.gaul.shaded.org.eclipse.jetty.server.Handler;
import org.gaul.shaded.org.eclipse.jetty.server.Request;
import org.gaul.shaded.org.eclipse.jetty.server.Response;
import org.gaul.shaded.org.eclipse.jetty.util.Callback;

/**
 * Answers the requests {@code GET /bucket?notification} and {@code PUT /bucket?notification}, which S3Proxy does not
 * support, and passes on all others. Signatures are not checked.
 */
final class NotificationRequests extends Handler.Wrapper {
    /** @param status of HTTP */
    record Answer(int status, String xml) {
        static Answer error(int status, String code, String message) {
            String escaped = message.replace("&", "&amp;").replace("<", "&lt;");
            return new Answer(status, "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(code, escaped));
        }
    }

    private final BiFunction<String, byte[], Answer> put;
    private final Function<String, Answer> get;

    /**
     * @param get from a bucket's name
     * @param put from a bucket's name and the body of the request
     */
    NotificationRequests(Handler others, Function<String, Answer> get, BiFunction<String, byte[], Answer> put) {
        super(others);
        this.get = get;
        this.put = put;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String query = request.getHttpURI().getQuery();
        if (query == null || !query.matches("(?:.*&)?notification(?:=?|=?&.*)")) {
            return super.handle(request, response, callback);
        }
        String bucket = request.getHttpURI().getDecodedPath().replaceAll("^/|/$", "");
        Answer answer =
                switch (request.getMethod()) {
                    case "GET" -> get.apply(bucket);
                    case "PUT" ->
                        put.apply(bucket, Content.Source.asInputStream(request).readAllBytes());
                    default -> Answer.error(405, "MethodNotAllowed", "only GET and PUT are emulated");
                };
        response.setStatus(answer.status());
        response.getHeaders().put("Content-Type", "application/xml");
        Content.Sink.write(response, true, answer.xml(), callback);
        return true;
    }
}
