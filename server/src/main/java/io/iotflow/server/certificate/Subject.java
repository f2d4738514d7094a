package io.iotflow.server.certificate;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/// The device that a certificate is for.
///
/// @param id its number, which stays when its name does not
public record Subject(long id, String name) {
    private static final int LONGEST_COMMON_NAME = 64;
    private static final int MOST_NAMES = 32;
    private static final int LONGEST_NAME = 255;
    private static final int DNS = 2;
    private static final int URI = 6;
    private static final Pattern HOST = Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)"
            + "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");

    /// `urn:iotflow:device:7`
    String uri() {
        return "urn:iotflow:device:" + id;
    }

    /// Whether a certificate with these names is for this device.
    public boolean isAmong(Set<String> names) {
        return names.contains(name) || names.contains(uri());
    }

    X500Name distinguishedName() {
        var commonName = name.length() <= LONGEST_COMMON_NAME ? name : "device " + id;
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
    }

    /// A name that no host may have cannot stand as one; others would not read the certificate.
    GeneralNames alternativeNames() {
        var uri = new GeneralName(GeneralName.uniformResourceIdentifier, uri());
        return HOST.matcher(name).matches()
                ? new GeneralNames(new GeneralName[] {new GeneralName(GeneralName.dNSName, name), uri})
                : new GeneralNames(uri);
    }

    /// What a certificate calls its owner: common names, DNS names and URIs. What is too long to be a device's is left
    /// out, and so is what comes after the 32nd.
    public static Set<String> namesIn(X509Certificate certificate) {
        var names = new LinkedHashSet<String>();
        for (var part : X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded())
                .getRDNs(BCStyle.CN)) {
            for (var attribute : part.getTypesAndValues()) {
                if (attribute.getType().equals(BCStyle.CN)) add(names, plain(attribute.getValue()));
            }
        }
        for (var alternative : alternatives(certificate)) {
            if (alternative.get(0) instanceof Integer kind && (kind == DNS || kind == URI)) {
                add(names, alternative.get(1).toString());
            }
        }
        return names;
    }

    private static String plain(ASN1Encodable value) {
        return value instanceof ASN1String text ? text.getString() : IETFUtils.valueToString(value);
    }

    private static void add(Set<String> names, String name) {
        if (names.size() < MOST_NAMES && name.length() <= LONGEST_NAME && name.indexOf(0) < 0) names.add(name);
    }

    private static Iterable<List<?>> alternatives(X509Certificate certificate) {
        try {
            var all = certificate.getSubjectAlternativeNames();
            return all == null ? List.of() : all;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }
}
