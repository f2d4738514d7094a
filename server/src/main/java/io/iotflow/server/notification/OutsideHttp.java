package io.iotflow.server.notification;

import io.iotflow.server.core.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/// Calls somebody's HTTP server and trusts it in nothing: it is at an address that may be called, redirects lead
/// nowhere, the answer is short and comes in time or is given up. Blocks; any thread may call.
///
/// The library is Apache's and not the JDK's because the latter resolves names on its own, after whoever checks them.
final class OutsideHttp implements AutoCloseable {
    private static final int HEADER_BYTES = 8 << 10;
    private static final int HEADERS = 100;

    private final CloseableHttpClient client;
    private final ScheduledExecutorService scheduler;
    private final InstantSource clock;

    /// @param body empty for none
    record Call(String method, URI url, String contentType, byte[] body, Map<String, String> headers) {}

    /// @param scheduler ends calls that take too long
    OutsideHttp(Addresses addresses, SSLContext tls, int atOnce, ScheduledExecutorService scheduler,
            InstantSource clock) {
        this.scheduler = scheduler;
        this.clock = clock;
        var timeout = Timeout.of(Limits.DELIVERY_CONNECT_TIME);
        var connections = PoolingHttpClientConnectionManagerBuilder.create().setDnsResolver(resolver(addresses))
                .setTlsSocketStrategy(new DefaultClientTlsStrategy(tls))
                .setDefaultConnectionConfig(ConnectionConfig.custom().setConnectTimeout(timeout)
                        .setSocketTimeout(Timeout.of(Limits.DELIVERY_TIME)).setTimeToLive(TimeValue.ofMinutes(1))
                        .setValidateAfterInactivity(TimeValue.ofSeconds(1)).build())
                .setDefaultSocketConfig(SocketConfig.custom().setSoTimeout(Timeout.of(Limits.DELIVERY_TIME)).build())
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(Http1Config.custom().setMaxLineLength(HEADER_BYTES).setMaxHeaderCount(HEADERS)
                                .build()).build())
                .setMaxConnTotal(atOnce).setMaxConnPerRoute(atOnce).build();
        client = HttpClientBuilder.create().setConnectionManager(connections).disableRedirectHandling()
                .disableAutomaticRetries().disableCookieManagement().disableAuthCaching().disableContentCompression()
                .setUserAgent("IoTFlow")
                .setDefaultRequestConfig(RequestConfig.custom().setRedirectsEnabled(false)
                        .setConnectionRequestTimeout(timeout).setResponseTimeout(Timeout.of(Limits.DELIVERY_TIME))
                        .setAuthenticationEnabled(false).setProtocolUpgradeEnabled(false).build()).build();
    }

    private static DnsResolver resolver(Addresses addresses) {
        return new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                return addresses.resolve(host);
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        };
    }

    Outcome send(Call call) {
        var request = new HttpUriRequestBase(call.method(), call.url());
        call.headers().forEach(request::setHeader);
        if (call.body().length > 0) {
            request.setHeader("Content-Type", call.contentType());
            request.setEntity(new ByteArrayEntity(call.body(), null));
        }
        // The library's own timeouts begin anew with each byte.
        var isLate = new AtomicBoolean();
        var end = scheduler.schedule(() -> {
            isLate.set(true);
            request.cancel();
        }, Limits.DELIVERY_TIME.toMillis(), TimeUnit.MILLISECONDS);
        var accepted = new AtomicReference<Outcome>();
        try {
            return client.execute(request, answer -> {
                var status = answer.getCode();
                // Whatever becomes of the rest: it has been told.
                if (isAccepted(status)) accepted.set(new Outcome.Delivered(status, "accepted, but broken off"));
                return outcome(answer);
            });
        } catch (IOException e) {
            if (accepted.get() != null) return accepted.get();
            return isLate.get() ? new Outcome.Failed("no answer within " + Limits.DELIVERY_TIME.toSeconds() + " s")
                    : failure(e);
        } finally {
            end.cancel(false);
        }
    }

    static Outcome failure(IOException e) {
        return switch (e) {
            case Addresses.Forbidden forbidden -> new Outcome.Refused(forbidden.getMessage());
            case UnknownHostException unknown -> new Outcome.Failed("there is no host " + unknown.getMessage());
            case SSLException tls -> new Outcome.Failed("TLS: " + tls.getMessage());
            case SocketTimeoutException _ -> new Outcome.Failed("no connection or no answer in time");
            case InterruptedIOException _ -> new Outcome.Failed("the platform stopped meanwhile");
            default -> new Outcome.Failed(e.getClass().getSimpleName() + ": " + e.getMessage());
        };
    }

    private static boolean isAccepted(int status) {
        return status >= 200 && status < 300;
    }

    private Outcome outcome(ClassicHttpResponse answer) throws IOException {
        var status = answer.getCode();
        var detail = beginning(answer);
        if (isAccepted(status)) return new Outcome.Delivered(status, detail);
        if (status == 408 || status == 429 || status >= 500) {
            var header = answer.getFirstHeader("Retry-After");
            return new Outcome.Failed(status, detail, header == null ? Optional.empty()
                    : retryAfter(header.getValue(), clock.instant()));
        }
        return new Outcome.Refused(status, status >= 300 && status < 400
                ? "redirects are not followed; name the place itself" : detail);
    }

    /// Seconds, or a date.
    static Optional<Duration> retryAfter(String value, Instant now) {
        if (value.matches("[0-9]{1,9}")) return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        return Optional.ofNullable(DateUtils.parseStandardDate(value)).map(date -> Duration.between(now, date))
                .filter(Duration::isPositive);
    }

    /// What is longer is not read, and its connection not used again.
    private static String beginning(ClassicHttpResponse answer) throws IOException {
        var entity = answer.getEntity();
        if (entity == null) return "";
        InputStream in = entity.getContent();
        if (in == null) return "";
        var bytes = in.readNBytes(Limits.DELIVERY_ANSWER_BYTES);
        if (bytes.length == Limits.DELIVERY_ANSWER_BYTES && in.read() >= 0) answer.close();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }
}
