package io.datastream.imaging.local;

import io.datastream.imaging.local.lambda.EventSourcePoller;
import io.datastream.imaging.local.lambda.FunctionFleet;
import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.local.template.Stack;
import io.datastream.imaging.local.template.StackSettings;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.local.template.TemplateException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The pipeline of a CloudFormation template, in this JVM and on 127.0.0.1. S3, SNS, SQS, Lambda and DynamoDB are
 * emulated. All connections between them come from the template.
 *
 * <p>{@link #sqsEndpoint} and {@link #dynamoDbEndpoint}, which the pipeline itself uses, can be made to fail. The clients
 * here bypass the faults, so that a test can observe the pipeline.
 */
public final class LocalCloud implements AutoCloseable {
    public static final String REGION = LocalClients.REGION;
    public static final String ACCOUNT = "000000000000";
    private static final String STACK_NAME = "imaging";

    /** Closed in reverse order. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private final List<Consumer<String>> logListeners = new CopyOnWriteArrayList<>();
    private final SortedSet<String> skipped = new TreeSet<>();
    private final LocalS3 objects;
    private final FaultProxy sqsProxy;
    private final FaultProxy dynamoDbProxy;
    private final S3Client s3;
    private final SqsClient sqs;
    private final SqsClient pipelineSqs;
    private final DynamoDbClient dynamoDb;
    private final Template template;
    private final Stack stack;
    private final MessagingResources messaging;
    private final TableResources tables;
    private final FunctionResources functions;

    /**
     * Starts everything that the template describes.
     *
     * @throws io.datastream.imaging.local.template.TemplateException if AWS would refuse the template, or it is beyond
     *     what is emulated here
     * @throws PortTakenException if a port is not free
     */
    public static LocalCloud start(CloudSettings settings) {
        return new LocalCloud(settings);
    }

    private LocalCloud(CloudSettings settings) {
        try {
            Random random = new Random(settings.seed());
            sqsProxy = open(new FaultProxy("SQS", ServiceProtocol.SQS, settings.sqsPort(), random));
            dynamoDbProxy = open(new FaultProxy("DynamoDB", ServiceProtocol.DYNAMODB, settings.dynamoDbPort(), random));
            template = settings.template();
            stack = template.instantiate(
                    new StackSettings(STACK_NAME, REGION, ACCOUNT, sqsProxy.endpoint(), settings.parameters()));
            EmulatedProperties.check(stack);
            CompletableFuture<LocalQueues> startingQueues =
                    CompletableFuture.supplyAsync(() -> new LocalQueues(sqsProxy.endpoint(), REGION, ACCOUNT));
            CompletableFuture<LocalDynamoDb> startingTables = CompletableFuture.supplyAsync(LocalDynamoDb::new);
            CompletableFuture<LocalS3> startingObjects =
                    CompletableFuture.supplyAsync(() -> new LocalS3(settings.s3Port(), REGION, this::destination));
            LocalDynamoDb items = open(startingTables.join());
            LocalQueues queues = open(startingQueues.join());
            objects = open(startingObjects.join());
            sqsProxy.forwardTo(queues.backend());
            dynamoDbProxy.forwardTo(items.backend());
            s3 = open(LocalClients.s3(objects.endpoint()));
            sqs = open(LocalClients.sqs(queues.backend()));
            pipelineSqs = open(LocalClients.sqs(sqsProxy.endpoint()));
            dynamoDb = open(LocalClients.dynamoDb(items.backend()));
            messaging = open(new MessagingResources(stack, pipelineSqs, ACCOUNT));
            tables = new TableResources(stack, dynamoDb);
            functions = open(new FunctionResources(stack, settings, functionEnvironment(), this::log));
            stack.resources().forEach(this::create);
        } catch (CompletionException e) {
            close();
            throw e.getCause() instanceof PortTakenException taken ? taken : e;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The evaluated template. */
    public Stack stack() {
        return stack;
    }

    public Map<String, String> outputs() {
        return stack.outputs();
    }

    /**
     * Deploys the template's functions again with other parameters. All other resources stay as they are, and so does
     * what they have stored.
     *
     * @throws io.datastream.imaging.local.template.TemplateException if AWS would refuse the parameters
     */
    public void deployFunctions(Map<String, String> parameters) {
        functions.deploy(
                template.instantiate(new StackSettings(STACK_NAME, REGION, ACCOUNT, sqsProxy.endpoint(), parameters)));
    }

    /** What the template has and this cloud does not emulate: resource types, sorted. */
    public List<String> skipped() {
        return List.copyOf(skipped);
    }

    /** What was not delivered so far because no policy allows it, one line for each place in the template. */
    public List<String> problems() {
        return messaging.problems();
    }

    public URI s3Endpoint() {
        return objects.endpoint();
    }

    public URI sqsEndpoint() {
        return sqsProxy.endpoint();
    }

    public URI dynamoDbEndpoint() {
        return dynamoDbProxy.endpoint();
    }

    public S3Client s3() {
        return s3;
    }

    /** A client that bypasses the faults. */
    public SqsClient sqs() {
        return sqs;
    }

    /** A client that bypasses the faults. */
    public DynamoDbClient dynamoDb() {
        return dynamoDb;
    }

    public FaultProxy sqsFaults() {
        return sqsProxy;
    }

    public FaultProxy dynamoDbFaults() {
        return dynamoDbProxy;
    }

    /**
     * A topic by its ARN.
     *
     * @throws IllegalArgumentException if the template has none such
     */
    public LocalTopic topic(String arn) {
        return messaging.topic(arn).orElseThrow(() -> new IllegalArgumentException("there is no topic " + arn));
    }

    /** How many messages of S3 and of topics no queue has taken yet. */
    public long pendingDeliveries() {
        return messaging.pendingDeliveries();
    }

    /** The execution environments of the ingest function. */
    public FunctionFleet function() {
        return function(CloudSettings.INGEST);
    }

    /**
     * The execution environments of a function.
     *
     * @param logicalId of a function that has an event source, and whose code was given
     */
    public FunctionFleet function(String logicalId) {
        return known(functions.fleets(), logicalId);
    }

    /** The event source of the ingest function. */
    public EventSourcePoller eventSource() {
        return eventSource(CloudSettings.INGEST);
    }

    /** The event source of a function. */
    public EventSourcePoller eventSource(String functionId) {
        return known(functions.eventSources(), functionId);
    }

    /**
     * Makes an inventory of the template's bucket as S3 does once a day, and delivers it to the inventory bucket.
     *
     * @param began when S3 began to list the bucket, as the inventory says in minutes; may lie in the future, so that
     *     a test does not have to wait for the cut-off
     * @param rowsPerFile rows of a data file, 1 or more
     * @return how many rows
     * @throws TemplateException if the template configures none, or one that is not emulated
     */
    public int inventory(Instant began, int rowsPerFile) {
        Resource bucket = stack.resources("AWS::S3::Bucket").stream()
                .filter(candidate -> candidate.properties().contains("InventoryConfigurations"))
                .findFirst()
                .orElseThrow(() -> new TemplateException("Resources", "no bucket has an inventory"));
        return BucketInventory.of(stack.reference(bucket), bucket.properties()).deliver(s3, began, rowsPerFile);
    }

    /**
     * From now on, calls the listener with each stored object, before the uploader gets the response, and with whether
     * a notification matched it.
     */
    public void onUpload(BiConsumer<UploadedObject, Boolean> listener) {
        objects.onUpload(listener);
    }

    /** From now on, the listener gets each line that the function and its event source log. */
    public void onFunctionLog(Consumer<String> listener) {
        logListeners.add(listener);
    }

    private void create(Resource resource) {
        switch (resource.type()) {
            case "AWS::SQS::Queue" -> messaging.createQueue(resource);
            case "AWS::SQS::QueuePolicy" -> messaging.addQueuePolicy(resource);
            case "AWS::SNS::Topic" -> messaging.createTopic(resource);
            case "AWS::SNS::TopicPolicy" -> messaging.addTopicPolicy(resource);
            case "AWS::SNS::Subscription" -> {
                if (!messaging.subscribe(resource)) {
                    skipped.add("AWS::SNS::Subscription of other than SQS");
                }
            }
            case "AWS::S3::Bucket" -> createBucket(resource);
            case "AWS::DynamoDB::Table" -> tables.createTable(resource);
            case "AWS::Lambda::Function" -> functions.addFunction(resource);
            case "AWS::Lambda::Version", "AWS::Lambda::Alias" -> functions.addQualifier(resource);
            case "AWS::Lambda::EventSourceMapping" -> {
                if (!functions.createEventSource(resource, messaging, pipelineSqs)) {
                    skipped.add(resource.logicalId() + ", because the code of its function is not given");
                }
            }
            default -> skipped.add(resource.type());
        }
    }

    private void createBucket(Resource bucket) {
        PropertyMap properties = bucket.properties();
        boolean versioned = properties
                .object("VersioningConfiguration")
                .map(versioning -> versioning.requiredText("Status").equals("Enabled"))
                .orElse(false);
        objects.createBucket(s3, stack.reference(bucket), versioned);
        try {
            objects.setNotification(stack.reference(bucket), messaging.notifications(bucket));
        } catch (IllegalArgumentException e) {
            throw properties.error("NotificationConfiguration", e.getMessage());
        }
    }

    private Consumer<String> destination(String bucket, String arn) {
        return messaging.destination("arn:aws:s3:::" + bucket, arn, "the notification of bucket " + bucket);
    }

    private Map<String, String> functionEnvironment() {
        return Map.of(
                "AWS_ENDPOINT_URL_S3",
                objects.endpoint().toString(),
                "AWS_ENDPOINT_URL_SQS",
                sqsProxy.endpoint().toString(),
                "AWS_ENDPOINT_URL_DYNAMODB",
                dynamoDbProxy.endpoint().toString(),
                "AWS_REGION",
                REGION,
                "AWS_ACCESS_KEY_ID",
                LocalCredentials.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY",
                LocalCredentials.SECRET_KEY);
    }

    private void log(String line) {
        logListeners.forEach(listener -> listener.accept(line));
    }

    private <T extends AutoCloseable> T open(T closeable) {
        opened.push(closeable);
        return closeable;
    }

    private static <T> T known(Map<String, T> elements, String logicalId) {
        return Optional.ofNullable(elements.get(logicalId))
                .orElseThrow(() -> new IllegalArgumentException(
                        "no event source feeds " + logicalId + ", or its code was not given"));
    }

    /** Stops all services at once. Calls in progress and all stored data are lost. */
    @Override
    public synchronized void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                log("could not be closed: " + e);
            }
        }
    }
}
