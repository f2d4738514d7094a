package io.iotflow.server.notification;

import io.iotflow.server.core.Limits;
import io.iotflow.server.notification.ChannelSettings.Email;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Authenticator;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/// Sends mail through an SMTP server. Blocks; any thread may call.
///
/// The library gets a socket that is connected already, so that it goes nowhere by itself: the address is one that was
/// looked at.
final class Mail {
    private final Addresses addresses;
    private final SSLContext tls;
    private final ScheduledExecutorService scheduler;
    private final Duration time;

    /// The connection of one attempt, which ends in time whatever it is at.
    static final class Line implements AutoCloseable {
        private final Duration time;
        private final long began = System.nanoTime();
        private Socket socket;
        private boolean isLate;

        Line(Duration time) {
            this.time = time;
        }

        /// To the first of its addresses that answers.
        Socket connect(InetAddress[] addresses, String host, int port) throws IOException {
            IOException failure = null;
            for (var address : Arrays.copyOf(addresses, Math.min(addresses.length, Limits.DELIVERY_ADDRESSES))) {
                var next = new Socket();
                use(next);
                try {
                    // With its name: TLS compares it with the certificate.
                    next.connect(new InetSocketAddress(InetAddress.getByAddress(host, address.getAddress()), port),
                            (int) Math.min(left(), Limits.DELIVERY_CONNECT_TIME.toMillis()));
                    next.setSoTimeout((int) Limits.DELIVERY_TIME.toMillis());
                    return next;
                } catch (IOException e) {
                    closeQuietly(next);
                    failure = e;
                }
            }
            throw failure == null ? new IOException("no address of " + host) : failure;
        }

        /// At least one millisecond: 0 would be for ever.
        private long left() {
            return Math.max(1, time.minusNanos(System.nanoTime() - began).toMillis());
        }

        private synchronized void use(Socket next) throws IOException {
            if (isLate) throw new SocketTimeoutException();
            socket = next;
        }

        synchronized void end() {
            isLate = true;
            close();
        }

        synchronized boolean isLate() {
            return isLate;
        }

        @Override
        public synchronized void close() {
            if (socket != null) closeQuietly(socket);
        }
    }

    /// @param scheduler ends what takes too long
    /// @param time      what is too long
    Mail(Addresses addresses, SSLContext tls, ScheduledExecutorService scheduler, Duration time) {
        this.addresses = addresses;
        this.tls = tls;
        this.scheduler = scheduler;
        this.time = time;
    }

    Outcome send(Email to, Delivery delivery) {
        try (var line = new Line(time)) {
            // Before the name is looked up, which takes as long as a name server likes.
            var end = scheduler.schedule(line::end, time.toMillis(), TimeUnit.MILLISECONDS);
            try {
                return send(to, delivery, line.connect(addresses.resolve(to.host()), to.host(), to.port()));
            } catch (MessagingException e) {
                return line.isLate() ? late() : failure(e);
            } catch (IOException e) {
                return line.isLate() ? late() : OutsideHttp.failure(e);
            } finally {
                end.cancel(false);
            }
        }
    }

    private Outcome late() {
        return new Outcome.Failed("not sent within " + time.toSeconds() + " s");
    }

    private Outcome send(Email to, Delivery delivery, Socket connected) throws MessagingException, IOException {
        var session = Session.getInstance(properties(to), new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(to.username().orElse(""), to.password().orElse(""));
            }
        });
        var message = message(session, to, delivery);
        try (var transport = (SMTPTransport) session.getTransport("smtp")) {
            transport.connect(to.security() == Email.Security.TLS ? encrypted(connected, to) : connected);
            transport.sendMessage(message, message.getAllRecipients());
            return new Outcome.Delivered(250, "accepted by " + to.host());
        } catch (SendFailedException e) {
            var reached = e.getValidSentAddresses();
            if (reached == null || reached.length == 0) throw e;
            return new Outcome.Delivered(250, "accepted by " + to.host() + ", but not for " + refused(e));
        }
    }

    private static String refused(SendFailedException partly) {
        return Stream.of(partly.getInvalidAddresses(), partly.getValidUnsentAddresses()).filter(Objects::nonNull)
                .flatMap(Arrays::stream).map(Object::toString).collect(Collectors.joining(", "));
    }

    private Socket encrypted(Socket connected, Email to) throws IOException {
        var socket = (SSLSocket) tls.getSocketFactory().createSocket(connected, to.host(), to.port(), true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private Properties properties(Email to) {
        var properties = new Properties();
        properties.put("mail.smtp.host", to.host());
        properties.put("mail.smtp.auth", Boolean.toString(to.username().isPresent()));
        to.username().ifPresent(name -> properties.put("mail.smtp.user", name));
        // One wrong address must not keep the others from hearing of it.
        properties.put("mail.smtp.sendpartial", "true");
        var startTls = Boolean.toString(to.security() == Email.Security.STARTTLS);
        properties.put("mail.smtp.starttls.enable", startTls);
        properties.put("mail.smtp.starttls.required", startTls);
        properties.put("mail.smtp.ssl.socketFactory", tls.getSocketFactory());
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.localhost", "iotflow");
        return properties;
    }

    private static MimeMessage message(Session session, Email to, Delivery delivery) throws MessagingException {
        var message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                // The same at each try, by which mailboxes know it again.
                setHeader("Message-ID", "<" + delivery.messageId() + "@iotflow>");
            }
        };
        message.setFrom(MailAddress.of(to.from()));
        var recipients = new ArrayList<InternetAddress>();
        for (var address : to.to()) recipients.add(MailAddress.of(address));
        message.setRecipients(Message.RecipientType.TO, recipients.toArray(InternetAddress[]::new));
        message.setSubject(Texts.subject(delivery), "UTF-8");
        message.setSentDate(Date.from(delivery.createdAt()));
        message.setHeader("Auto-Submitted", "auto-generated");
        var text = new MimeBodyPart();
        text.setText(Texts.plain(delivery), StandardCharsets.UTF_8.name());
        var html = new MimeBodyPart();
        html.setText(Texts.html(delivery), StandardCharsets.UTF_8.name(), "html");
        message.setContent(new MimeMultipart("alternative", text, html));
        message.saveChanges();
        return message;
    }

    /// What a server answers with 5xx will not be otherwise later. Of several recipients one that may be is enough.
    private static Outcome failure(MessagingException e) {
        for (Throwable cause = e; cause != null; cause = next(cause)) {
            if (cause instanceof SMTPAddressFailedException failed && failed.getReturnCode() / 100 == 4) {
                return answered(failed.getReturnCode(), failed.getMessage());
            }
        }
        for (Throwable cause = e; cause != null; cause = next(cause)) {
            switch (cause) {
                case AuthenticationFailedException refused -> {
                    var text = "the server does not let us in: " + refused.getMessage();
                    return refused.getMessage() != null && refused.getMessage().startsWith("5")
                            ? new Outcome.Refused(535, text) : new Outcome.Failed(text);
                }
                case SMTPAddressFailedException failed when failed.getReturnCode() > 0 -> {
                    return answered(failed.getReturnCode(), failed.getMessage());
                }
                case SMTPSenderFailedException failed when failed.getReturnCode() > 0 -> {
                    return answered(failed.getReturnCode(), failed.getMessage());
                }
                case SMTPSendFailedException failed when failed.getReturnCode() > 0
                        && failed.getNextException() == null -> {
                    return answered(failed.getReturnCode(), failed.getMessage());
                }
                case IOException io -> {
                    return OutsideHttp.failure(io);
                }
                default -> { }
            }
        }
        return new Outcome.Failed(e.getMessage());
    }

    private static Throwable next(Throwable failure) {
        return failure instanceof MessagingException mail && mail.getNextException() != null
                ? mail.getNextException() : failure.getCause();
    }

    private static Outcome answered(int code, String text) {
        return code >= 500 ? new Outcome.Refused(code, text) : new Outcome.Failed(code, text, Optional.empty());
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is given up anyway.
            return;
        }
    }
}
