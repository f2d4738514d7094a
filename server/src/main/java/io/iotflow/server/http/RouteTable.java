package io.iotflow.server.http;

import java.util.ArrayList;
import java.util.List;

/// All declared routes. A path is relative to the base (`devices/{device}/status`) and is served at `/api/v1/…` and at
/// its alias `/api/…`; through [#outside()] it is absolute and served there alone.
public final class RouteTable {
    static final String BASE = "/api/v1";
    static final String ALIAS = "/api";

    private final List<Route> routes;
    private final PathTree tree;
    private final boolean outside;

    RouteTable() {
        this(new ArrayList<>(), new PathTree(), false);
    }

    private RouteTable(List<Route> routes, PathTree tree, boolean outside) {
        this.routes = routes;
        this.tree = tree;
        this.outside = outside;
    }

    public Route get(String path, Access access, Handler handler) {
        return declare("GET", path, access, handler, null);
    }

    public Route post(String path, Access access, Handler handler) {
        return declare("POST", path, access, handler, null);
    }

    public Route put(String path, Access access, Handler handler) {
        return declare("PUT", path, access, handler, null);
    }

    public Route patch(String path, Access access, Handler handler) {
        return declare("PATCH", path, access, handler, null);
    }

    public Route delete(String path, Access access, Handler handler) {
        return declare("DELETE", path, access, handler, null);
    }

    /// A WebSocket at an absolute path. Browsers cannot set headers on a WebSocket, so the credential may also come as
    /// a subprotocol: `Sec-WebSocket-Protocol: iotflow, iotflow.<scheme>.<base64url of the credential>`.
    public Route webSocket(String path, Access access, WebSocketHandler handler) {
        return outside().declare("GET", path, access, null, handler);
    }

    /// The same table for routes that are not below the base: `/health`, `/metrics`.
    public RouteTable outside() {
        return outside ? this : new RouteTable(routes, tree, true);
    }

    /// Every declared route, in the order of declaration, aliases not repeated.
    public List<Route> routes() {
        return List.copyOf(routes);
    }

    PathTree tree() {
        return tree;
    }

    private Route declare(String method, String path, Access access, Handler handler, WebSocketHandler socket) {
        var relative = path.startsWith("/") ? path : "/" + path;
        var route = new Route(method, outside ? relative : BASE + relative, access, handler, socket);
        tree.add(route.path(), route);
        if (!outside) tree.add(ALIAS + relative, route);
        routes.add(route);
        return route;
    }
}
