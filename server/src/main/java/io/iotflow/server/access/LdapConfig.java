package io.iotflow.server.access;

import static io.iotflow.server.access.OidcConfig.check;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import io.iotflow.server.core.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Signing in with the password of an LDAP directory. Off without a URL.
public record LdapConfig(
        @Setting(value = "", doc = "The directory whose users may sign in with their passwords there, such as"
                + " ldaps://ldap.example.org; users of the platform itself go before. Empty: none.")
        String url,
        @Setting(value = "false", doc = "Begins TLS on an ldap:// connection. Without TLS only a directory on this"
                + " machine is accepted, because passwords would cross the network in clear.")
        boolean startTls,
        @Setting(value = "", doc = "PEM file with the certificate authorities to trust at the directory; empty trusts"
                + " the JDK's.")
        Optional<Path> caFile,
        @Setting(value = "", doc = "The entry as which users are looked up; empty looks them up as nobody.")
        String bindDn,
        @Setting(value = "", secret = true, doc = "The password of ldap.bind_dn.")
        String bindPassword,
        @Setting(value = "", doc = "Users stand below this entry, such as ou=people,dc=example,dc=org.")
        String userBase,
        @Setting(value = "(uid={0})", doc = "Finds the user: {0} is the name that was typed. For Active Directory"
                + " (sAMAccountName={0}).")
        String userFilter,
        @Setting(value = "uid", doc = "The attribute that names the user here; for Active Directory sAMAccountName.")
        String usernameAttribute,
        @Setting(value = "entryUUID", doc = "The attribute that stays with a user whatever he is called; for Active"
                + " Directory objectGUID.")
        String idAttribute,
        @Setting(value = "memberOf", doc = "The user's attribute with the names of its groups; empty if it has none.")
        String groupAttribute,
        @Setting(value = "", doc = "Groups stand below this entry; others do not count.")
        String groupBase,
        @Setting(value = "", doc = "Finds groups below ldap.group_base as well: {0} is the user's entry, as in"
                + " (member={0}). Empty: ldap.group_attribute only.")
        String groupFilter,
        @Setting(value = "", doc = "group=role, comma separated: whoever is in the group, named by the first part of"
                + " its entry's name (iot-admins for cn=iot-admins,ou=groups,…), has the role here, admin, operator,"
                + " viewer or one of the organization. The first that fits counts, at each sign-in. Empty:"
                + " administrators give the roles.")
        List<String> roles,
        @Setting(value = "", doc = "The role of a user whom no line of ldap.roles fits; empty refuses him.")
        Optional<String> defaultRole,
        @Setting(value = "1", doc = "The number of the organization to which new users from the directory belong.")
        long organization) {

    private static final String PLACE = "{0}";

    public LdapConfig {
        // Directories know no difference between upper and lower case.
        roles = roles.stream().map(LdapConfig::foldedGroup).toList();
        var wrong = new ArrayList<String>();
        RoleMapping.of("ldap.roles", roles, defaultRole, wrong);
        if (!url.isEmpty()) {
            var address = OutsideAddress.of(url, "ldap", "ldaps");
            check(wrong, address.filter(it -> it.uri().getRawPath().isEmpty() && it.uri().getRawQuery() == null)
                    .isPresent(), "ldap.url must be ldaps://host or ldap://host, with a port if it is another one");
            check(wrong, startTls || address.map(OutsideAddress::isSafe).orElse(true),
                    "ldap.url: passwords would cross the network in clear; use ldaps://, or set ldap.start_tls");
            check(wrong, !startTls || url.startsWith("ldap:"), "ldap.start_tls is for ldap://; ldaps:// has TLS");
            check(wrong, bindDn.isEmpty() || isEntry(bindDn), "ldap.bind_dn is no name of an entry");
            check(wrong, bindDn.isEmpty() == bindPassword.isEmpty(),
                    "ldap.bind_dn and ldap.bind_password are set together, or neither");
            check(wrong, !userBase.isEmpty() && isEntry(userBase), "ldap.user_base must name an entry");
            check(wrong, isFilter(userFilter), "ldap.user_filter must be a filter with {0} in it, such as (uid={0})");
            check(wrong, !usernameAttribute.isEmpty(), "ldap.username_attribute is empty");
            check(wrong, !idAttribute.isEmpty(), "ldap.id_attribute is empty");
            check(wrong, groupFilter.isEmpty() || isFilter(groupFilter),
                    "ldap.group_filter must be a filter with {0} in it, such as (member={0})");
            check(wrong, roles.isEmpty() || !groupBase.isEmpty() && isEntry(groupBase),
                    "ldap.group_base must name the entry below which the groups of ldap.roles stand");
            check(wrong, !roles.isEmpty() || defaultRole.isPresent(), "nobody could sign in: set ldap.roles, or"
                    + " ldap.default_role for everybody whom the directory knows");
        }
        if (!wrong.isEmpty()) throw new IllegalArgumentException(String.join("\n", wrong));
    }

    boolean isOn() {
        return !url.isEmpty();
    }

    RoleMapping mapping() {
        return RoleMapping.of("ldap.roles", roles, defaultRole, new ArrayList<>());
    }

    /// What was typed is text in it and nothing else.
    static Filter filter(String template, String value) throws LDAPException {
        return Filter.create(template.replace(PLACE, Filter.encodeValue(value)));
    }

    private static String foldedGroup(String line) {
        var equals = Math.max(0, line.lastIndexOf('='));
        return line.substring(0, equals).toLowerCase(Locale.ROOT) + line.substring(equals);
    }

    private static boolean isEntry(String text) {
        return DN.isValidDN(text);
    }

    private static boolean isFilter(String template) {
        try {
            filter(template, "x");
            return template.contains(PLACE);
        } catch (LDAPException _) {
            return false;
        }
    }
}
