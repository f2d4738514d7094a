package io.iotflow.server.access;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.ExtendedResult;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.extensions.StartTLSExtendedRequest;
import io.iotflow.server.certificate.TrustedCertificates;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An LDAP directory that knows users and their passwords: it is asked where the user stands, then whether the password
/// opens that entry. Each sign-in has a connection of its own, so that none is left over in somebody's name. Blocks for
/// as long as `Limits.OUTSIDE_TIME` allows each answer.
public final class Directory {
    private static final Logger LOG = LoggerFactory.getLogger(Directory.class);
    private static final int MILLIS = (int) Limits.OUTSIDE_TIME.toMillis();

    private final LdapConfig config;
    private final Welcome welcome;
    private final OutsideAddress address;
    private final NamedSockets tls;
    private final Semaphore calls = new Semaphore(Limits.OUTSIDE_CALLS);

    private Directory(LdapConfig config, Welcome welcome) {
        this.config = config;
        this.welcome = welcome;
        this.address = OutsideAddress.of(config.url(), "ldap", "ldaps").orElseThrow();
        this.tls = new NamedSockets(TrustedCertificates.context("ldap.ca_file", config.caFile()).getSocketFactory());
    }

    /// Empty when none is configured. It need not be there yet.
    public static Optional<Directory> of(LdapConfig config, Organizations organizations) {
        return config.isOn() ? Optional.of(new Directory(config, Welcome.of(organizations, "ldap.organization",
                config.organization(), config.mapping()))) : Optional.empty();
    }

    Welcome welcome() {
        return welcome;
    }

    /// Empty for a wrong name and for a wrong password.
    ///
    /// @throws PlatformException `SIGN_IN_UNAVAILABLE` when it cannot tell, `OVERLOADED`
    Optional<Outsider> prove(String name, String password) {
        // A bind without a password succeeds for everybody: it asks for nothing.
        var isPossible = Asked.isSignInName(name) && !password.isEmpty()
                && password.length() <= Limits.OUTSIDE_PASSWORD_LONGEST;
        if (!isPossible) return Optional.empty();
        if (!calls.tryAcquire()) {
            throw PlatformException.retryLater(ErrorCode.OVERLOADED, "Too many people are signing in.",
                    Limits.OUTSIDE_TIME);
        }
        try (var connection = connect()) {
            return prove(connection, name, password);
        } catch (LDAPException e) {
            LOG.warn("event=directory_unavailable result={}", e.getResultCode().getName());
            throw PlatformException.retryLater(ErrorCode.SIGN_IN_UNAVAILABLE, "The directory cannot be asked.",
                    Limits.OUTSIDE_TIME);
        } finally {
            calls.release();
        }
    }

    private Optional<Outsider> prove(LDAPConnection connection, String name, String password) throws LDAPException {
        if (!config.bindDn().isEmpty()) connection.bind(config.bindDn(), config.bindPassword());
        var found = find(connection, name);
        if (found.isEmpty()) {
            // So that a name that is not there takes as long.
            opens(connection, "cn=" + SecretText.text(SecretText.random(8)) + "," + config.userBase(),
                    SecretText.text(SecretText.random(16)));
            return Optional.empty();
        }
        var who = outsider(connection, found.get());
        return opens(connection, found.get().getDN(), password) ? who : Optional.empty();
    }

    private LDAPConnection connect() throws LDAPException {
        var options = new LDAPConnectionOptions();
        options.setConnectTimeoutMillis(MILLIS);
        options.setResponseTimeoutMillis(MILLIS);
        options.setUseSynchronousMode(true);
        options.setFollowReferrals(false);
        options.setMaxMessageSize(Limits.DIRECTORY_MESSAGE_BYTES);
        var uri = address.uri();
        var isTls = uri.getScheme().equals("ldaps");
        var port = uri.getPort() > 0 ? uri.getPort() : isTls ? 636 : 389;
        var connection = new LDAPConnection(isTls ? tls : null, options, uri.getHost(), port);
        if (config.startTls()) startTls(connection);
        return connection;
    }

    private void startTls(LDAPConnection connection) throws LDAPException {
        try {
            ExtendedResult result = connection.processExtendedOperation(new StartTLSExtendedRequest(tls));
            if (!result.getResultCode().equals(ResultCode.SUCCESS)) throw new LDAPException(result);
        } catch (LDAPException e) {
            connection.close();
            throw e;
        }
    }

    /// One entry or none: of two that answer to the name neither is taken.
    private Optional<Entry> find(LDAPConnection connection, String name) throws LDAPException {
        var wanted = new ArrayList<>(List.of(config.usernameAttribute(), config.idAttribute()));
        if (!config.groupAttribute().isEmpty()) wanted.add(config.groupAttribute());
        try {
            var entries = search(connection, config.userBase(), LdapConfig.filter(config.userFilter(), name), 2,
                    wanted.toArray(String[]::new));
            if (entries.size() > 1) LOG.warn("event=directory_ambiguous base={}", config.userBase());
            return entries.size() == 1 ? Optional.of(entries.getFirst()) : Optional.empty();
        } catch (LDAPException e) {
            if (!e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) throw e;
            LOG.warn("event=directory_ambiguous base={}", config.userBase());
            return Optional.empty();
        }
    }

    private static List<? extends Entry> search(LDAPConnection connection, String base, Filter filter, int atMost,
            String... attributes) throws LDAPException {
        var request = new SearchRequest(base, SearchScope.SUB, filter, attributes);
        request.setSizeLimit(atMost);
        request.setTimeLimitSeconds(Math.max(1, MILLIS / 1000));
        return connection.search(request).getSearchEntries();
    }

    private Optional<Outsider> outsider(LDAPConnection connection, Entry entry) throws LDAPException {
        var name = entry.getAttributeValue(config.usernameAttribute());
        var id = entry.getAttributeValueBytes(config.idAttribute());
        if (name == null || id == null || !Outsider.isSubject(text(id))) {
            LOG.warn("event=directory_entry_incomplete missing={}",
                    name == null ? config.usernameAttribute() : config.idAttribute());
            throw new LDAPException(ResultCode.NO_SUCH_ATTRIBUTE);
        }
        return Optional.of(new Outsider(User.DIRECTORY, text(id), name, groups(connection, entry)));
    }

    /// An id is text, or bytes as in Active Directory.
    private static String text(byte[] id) {
        var text = new String(id, StandardCharsets.UTF_8);
        var isText = text.chars().allMatch(c -> c > ' ' && c < 127);
        return isText ? text : HexFormat.of().formatHex(id);
    }

    private Set<String> groups(LDAPConnection connection, Entry entry) throws LDAPException {
        if (!welcome.roles().decides()) return Set.of();
        var groups = new HashSet<String>();
        var named = config.groupAttribute().isEmpty() ? null : entry.getAttributeValues(config.groupAttribute());
        if (named != null) Arrays.stream(named).map(this::group).forEach(group -> group.ifPresent(groups::add));
        if (config.groupFilter().isEmpty()) return groups;
        var found = search(connection, config.groupBase(), LdapConfig.filter(config.groupFilter(), entry.getDN()),
                Limits.DIRECTORY_GROUPS, "1.1");
        found.forEach(group -> group(group.getDN()).ifPresent(groups::add));
        return groups;
    }

    /// What a group is called, if it stands where groups do: whoever makes one elsewhere gains nothing by its name.
    private Optional<String> group(String entry) {
        try {
            var name = new DN(entry);
            if (!name.isDescendantOf(config.groupBase(), false)) return Optional.empty();
            return Optional.of(name.getRDN().getAttributeValues()[0].toLowerCase(Locale.ROOT));
        } catch (LDAPException _) {
            return Optional.empty();
        }
    }

    /// Whether the password opens the entry; a directory has several ways to say that it does not.
    private static boolean opens(LDAPConnection connection, String entry, String password) throws LDAPException {
        try {
            connection.bind(entry, password);
            return true;
        } catch (LDAPException e) {
            switch (e.getResultCode().intValue()) {
                case ResultCode.INVALID_CREDENTIALS_INT_VALUE, ResultCode.NO_SUCH_OBJECT_INT_VALUE,
                     ResultCode.INAPPROPRIATE_AUTHENTICATION_INT_VALUE, ResultCode.CONSTRAINT_VIOLATION_INT_VALUE,
                     ResultCode.UNWILLING_TO_PERFORM_INT_VALUE, ResultCode.INSUFFICIENT_ACCESS_RIGHTS_INT_VALUE -> {
                    return false;
                }
                default -> throw e;
            }
        }
    }
}
