package io.iotflow.server.notification;

import io.iotflow.server.core.PlatformException;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;

/// An address of mail: `anna@example.org` or `Anna <anna@example.org>`.
final class MailAddress {

    private MailAddress() {}

    static InternetAddress of(String text) throws AddressException {
        var found = InternetAddress.parse(text, true);
        if (found.length != 1 || found[0].isGroup() || found[0].getAddress().indexOf('@') < 1) {
            throw new AddressException("not one address");
        }
        return found[0];
    }

    /// @throws PlatformException `INVALID`
    static void check(String field, String text) {
        try {
            of(text);
        } catch (AddressException e) {
            throw PlatformException.invalid(field, "has no address of mail in it: " + text);
        }
    }
}
