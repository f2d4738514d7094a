package io.iotflow.server.firmware;

import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.io.IOException;

/// `GET /api/v1/{access token}/firmware`, by which devices made for ThingsBoard fetch what they are offered: all of it,
/// with ranges, or the piece that `size` and `chunk` name.
final class ThingsBoardFirmwareRoutes implements Routes {
    private static final String TOKEN = "access_token";

    private final Images images;
    private final Updates updates;
    private final Downloads downloads;

    ThingsBoardFirmwareRoutes(Images images, Updates updates, Downloads downloads) {
        this.images = images;
        this.updates = updates;
        this.downloads = downloads;
    }

    @Override
    public void declare(RouteTable table) {
        table.outside().get("/api/v1/{" + TOKEN + "}/firmware", Access.DEVICE, this::download)
                .credentialParameter(TOKEN).longLived();
    }

    private Reply download(Request request) throws IOException, InterruptedException {
        var offered = updates.offered(request.device().id()).orElseThrow(() ->
                PlatformException.notFound("firmware for the device"));
        var image = offered.image();
        require(request, "title", image.about().name());
        require(request, "version", image.version());
        UpdateRoutes.begun(updates, offered.update());
        var size = request.query().whole("size", 0, 0, FirmwareLimits.FIRMWARE_LARGEST_CHUNK_BYTES);
        var chunk = request.query().whole("chunk", 0L, 0, Integer.MAX_VALUE);
        var content = Downloads.Content.of(images, image);
        return size == 0 ? downloads.answer(request, content)
                : Reply.bytes("application/octet-stream", downloads.chunk(content, chunk * size, size));
    }

    private static void require(Request request, String field, String offered) {
        if (request.query().text(field).filter(it -> !it.equals(offered)).isEmpty()) return;
        throw PlatformException.notFound("such firmware for the device: it is offered the " + field + " " + offered);
    }
}
