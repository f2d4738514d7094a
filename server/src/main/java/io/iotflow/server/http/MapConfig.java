package io.iotflow.server.http;

import io.iotflow.server.core.Setting;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.stream.Stream;

/// What lies under the maps of the dashboard. Without tiles they are drawn on a grid of degrees and need nothing from
/// outside.
public record MapConfig(
        @Setting(value = "", doc = "Where browsers fetch map tiles, such as"
                + " https://tile.openstreetmap.org/{z}/{x}/{y}.png (Web Mercator); empty draws maps without any. The"
                + " pages may then load images from that origin. Its owner learns which areas are looked at, and from"
                + " which platform.")
        Optional<String> tiles,
        @Setting(value = "", doc = "What the owner of the tiles wants to be said beside them, such as © OpenStreetMap"
                + " contributors, https://www.openstreetmap.org/copyright. Addresses in it become links.")
        String attribution,
        @Setting(value = "19", doc = "The closest zoom that there are tiles for; from there on these are enlarged.")
        int maxZoom) {
    public static final MapConfig NONE = new MapConfig(Optional.empty(), "", 19);
    private static final int CLOSEST = 24;

    public MapConfig {
        tiles.ifPresent(MapConfig::origin);
        if (maxZoom < 0 || maxZoom > CLOSEST) {
            throw new IllegalArgumentException("map.max_zoom must be from 0 to " + CLOSEST);
        }
    }

    /// From where the pages may load images, as a content security policy names it; empty for nowhere.
    Optional<String> origin() {
        return tiles.map(MapConfig::origin);
    }

    private static String origin(String template) {
        if (!Stream.of("{z}", "{x}", "{y}").allMatch(template::contains)) {
            throw new IllegalArgumentException("map.tiles must have {z}, {x} and {y} in it");
        }
        try {
            var address = new URI(template.replace("{z}", "0").replace("{x}", "0").replace("{y}", "0"));
            var isWeb = "https".equals(address.getScheme()) || "http".equals(address.getScheme());
            var host = address.getHost();
            var path = template.indexOf('/', template.indexOf("//") + 2);
            if (isWeb && host != null && address.getRawUserInfo() == null && path > 0
                    && template.indexOf('{') > path) {
                return address.getScheme() + "://" + host + (address.getPort() < 0 ? "" : ":" + address.getPort());
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw new IllegalArgumentException("map.tiles must be an http or https address of one host, in which only {z},"
                + " {x} and {y} vary; write one host instead of {s}");
    }
}
