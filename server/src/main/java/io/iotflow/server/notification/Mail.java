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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /// @param scheduler ends what takes too long
    Mail(Addresses addresses, SSLContext tls, ScheduledExecutorService scheduler) {
        this.addresses = addresses;
        this.tls = tls;
        this.scheduler = scheduler;
    }

    Outcome send(Email to, Delivery delivery) {
        var isLate = new AtomicBoolean();
        try (var socket = connect(to)) {
            var end = scheduler.schedule(() -> {
                isLate.set(true);
                closeQuietly(socket);
            }, Limits.DELIVERY_TIME.toMillis(), TimeUnit.MILLISECONDS);
            try {
                return send(to, delivery, socket);
            } finally {
                end.cancel(false);
            }
        } catch (MessagingException e) {
            return isLate.get() ? new Outcome.Failed("not sent within " + Limits.DELIVERY_TIME.toSeconds() + " s")
                    : failure(e);
        } catch (IOException e) {
            return OutsideHttp.failure(e);
        }
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

    /// To the first of its addresses that answers.
    private Socket connect(Email to) throws IOException {
        IOException failure = null;
        for (var address : addresses.resolve(to.host())) {
            var socket = new Socket();
            try {
                // With its name: TLS compares it with the certificate.
                socket.connect(new InetSocketAddress(InetAddress.getByAddress(to.host(), address.getAddress()),
                        to.port()), (int) Limits.DELIVERY_CONNECT_TIME.toMillis());
                socket.setSoTimeout((int) Limits.DELIVERY_TIME.toMillis());
                return socket;
            } catch (IOException e) {
                closeQuietly(socket);
                failure = e;
            }
        }
        throw failure == null ? new IOException("no address of " + to.host()) : failure;
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

    /// What a server answers with 5xx will not be otherwise later.
    private static Outcome failure(MessagingException e) {
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
