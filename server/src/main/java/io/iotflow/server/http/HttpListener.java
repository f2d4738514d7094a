package io.iotflow.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsRouting;
import io.iotflow.server.certificate.ServerTls;
import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.limits.RateLimitConfig;
import io.iotflow.server.limits.RateLimits;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;

/// The HTTP ports, without TLS and with it: API, live streams, WebSockets, the dashboard and the API page. HTTP/1.1 and
/// HTTP/2: without TLS by prior knowledge or upgrade, over TLS as agreed in the handshake. Listens from the constructor
/// on until closed; closing lets running requests end within `http.stop_grace`.
public final class HttpListener implements AutoCloseable {
    /// The library's own logger of connections, held here because loggers are otherwise collected.
    private static final Logger CONNECTIONS = Logger.getLogger("io.helidon.webserver.ConnectionHandler");

    static {
        // A client that leaves before it was clear which protocol it speaks, or breaks TLS, is nobody's failure.
        CONNECTIONS.setFilter(line -> !(line.getThrown() instanceof DataReader.InsufficientDataAvailableException)
                && !(line.getThrown() instanceof UncheckedIOException broken
                        && broken.getCause() instanceof SSLException));
    }

    private final RouteTable table = new RouteTable();
    private final HttpStatistics statistics = new HttpStatistics();
    private final Sockets sockets;
    private final WebSockets webSockets;
    private final WebServer server;
    /// Null when there is none.
    private final WebServer tlsServer;

    /// Without TLS, and with no limits but those that routes have of their own.
    public HttpListener(HttpConfig config, InstantSource clock, List<Authentication> authentications,
            List<Routes> features) {
        this(config, MapConfig.NONE, Optional.empty(), clock, new RateLimits(RateLimitConfig.off()), authentications,
                features);
    }

    /// @param tls for the TLS port; empty for none
    public HttpListener(HttpConfig config, MapConfig map, Optional<ServerTls> tls, InstantSource clock,
            RateLimits limits, List<Authentication> authentications, List<Routes> features) {
        new ApiDocument().declare(table);
        features.forEach(feature -> feature.declare(table));
        var credentials = new Credentials(authentications);
        var streams = new Semaphore(config.maxStreams());
        sockets = new Sockets(config.readTimeout());
        var answers = new Answers(new Cors(config.corsOrigins()), sockets, config.hsts(), clock);
        var dispatcher = new Dispatcher(config, new Pages(map), table.tree(), credentials, answers, statistics,
                limits, clock, streams);
        webSockets = new WebSockets(config, table, credentials, sockets, clock, streams, statistics);
        server = start(plain(config), "http.port", dispatcher, answers);
        tlsServer = tls.map(keys -> startTls(config, keys, dispatcher, answers)).orElse(null);
    }

    private WebServerConfig.Builder plain(HttpConfig config) {
        return builder(config).port(config.port()).maxTcpConnections(config.maxConnections())
                .connectionOptions(sockets.port(Integer.MAX_VALUE));
    }

    /// Connections are counted by us, since the library forgets to give back the place of one whose handshake fails.
    private WebServer startTls(HttpConfig config, ServerTls tls, Dispatcher dispatcher, Answers answers) {
        var builder = builder(config).port(config.tlsPort()).maxTcpConnections(-1)
                .connectionOptions(sockets.port(config.maxConnections()))
                .tls(Tls.builder().sslContext(tls.context()).enabledProtocols(List.of(ServerTls.protocols()))
                        .clientAuth(TlsClientAuth.OPTIONAL).build());
        try {
            return start(builder, "http.tls_port", dispatcher, answers);
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private WebServerConfig.Builder builder(HttpConfig config) {
        return WebServer.builder()
                .host(config.host())
                .shutdownHook(false)
                .maxPayloadSize(table.routes().stream().mapToLong(Route::bodyLimit).max()
                        .orElse(Limits.HTTP_BODY_BYTES))
                .writeBufferSize(16 << 10)
                .shutdownGracePeriod(config.stopGrace())
                .idleConnectionTimeout(config.readTimeout());
    }

    /// @throws CannotStart when somebody else has the port
    private WebServer start(WebServerConfig.Builder builder, String setting, Dispatcher dispatcher, Answers answers) {
        var started = builder
                .addProtocol(Http1Config.builder()
                        .maxPrologueLength(Limits.HTTP_REQUEST_LINE_BYTES)
                        .maxHeadersSize(Limits.HTTP_HEADER_BYTES)
                        .sendLog(false).receiveLog(false)
                        .build())
                .addProtocol(WsConfig.builder().maxFrameLength(Limits.WEBSOCKET_MESSAGE_BYTES).build())
                .directHandlers(directHandlers(answers))
                .addRouting(HttpRouting.builder().any(dispatcher::handle))
                .addRouting(webSockets.routing(WsRouting.builder()))
                .build()
                .start();
        // The library logs it and goes on as if it had started.
        if (!started.isRunning()) {
            throw CannotStart.portTaken(started.prototype().host(), started.prototype().port(), setting);
        }
        return started;
    }

    /// The port that is listened on.
    public int port() {
        return server.port();
    }

    /// The port that is listened on over TLS, or -1 if there is none.
    public int tlsPort() {
        return tlsServer == null ? -1 : tlsServer.port();
    }

    /// Every declared route.
    public List<Route> routes() {
        return table.routes();
    }

    public HttpStatistics statistics() {
        return statistics;
    }

    @Override
    public void close() {
        webSockets.close();
        if (tlsServer != null) tlsServer.stop();
        server.stop();
        sockets.close();
    }

    /// What is not HTTP never reaches a route; the library reads it, and this answers it in our form. The dispatcher
    /// lets no failure of ours out, so what the library calls internal is its own stumbling over the request.
    private DirectHandlers directHandlers(Answers answers) {
        var handlers = DirectHandlers.builder();
        for (var type : DirectHandler.EventType.values()) {
            handlers.addHandler(type, (request, event, status, headers, message) -> {
                statistics.malformedHttp();
                var code = event == DirectHandler.EventType.INTERNAL_ERROR ? ErrorCode.MALFORMED_REQUEST
                        : Problem.codeOf(status.code());
                var detail = message == null || message.isBlank() || event == DirectHandler.EventType.INTERNAL_ERROR
                        ? code.title() + "." : message;
                return DirectHandler.TransportResponse.builder()
                        .status(Status.create(code.status()))
                        .headers(headers)
                        .header(answers.date())
                        .header(Problem.CONTENT_TYPE)
                        .header(HeaderValues.X_CONTENT_TYPE_OPTIONS_NOSNIFF)
                        .keepAlive(false)
                        .entity(Problem.json(code, detail, request.path(), List.of()))
                        .build();
            });
        }
        return handlers.build();
    }
}
