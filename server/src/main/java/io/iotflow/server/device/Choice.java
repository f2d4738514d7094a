package io.iotflow.server.device;

import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.device.DeviceQuery.Among;
import io.iotflow.server.http.Query;
import java.util.ArrayList;
import java.util.List;

/// What a list's parameters `filter`, `tag` and `group` leave over.
record Choice(Among among, List<DeviceFilter> filters) {

    /// @param among what other parameters leave over
    static Choice of(Query query, OrganizationPath scope, Among among, Grouping grouping) {
        var filters = new ArrayList<DeviceFilter>();
        query.text("filter").ifPresent(text -> filters.add(DeviceFilter.parse("filter", text)));
        query.text("tag").ifPresent(text -> filters.add(tag(text)));
        var within = query.text("group").map(group -> among.those(grouping.members(scope, group))).orElse(among);
        return new Choice(within, List.copyOf(filters));
    }

    private static DeviceFilter tag(String text) {
        var colon = text.indexOf(':');
        if (colon < 1 || !StorableText.accepts(text)) {
            throw PlatformException.invalid("tag", "must be a tag's name, a colon and its value, such as site:A");
        }
        return DeviceFilter.tag(text.substring(0, colon), text.substring(colon + 1));
    }
}
