package io.iotflow.server.ingest.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/// Ends a connection that does not begin with CONNECT, before the broker looks what else it could be. Then it leaves.
final class FirstByte extends ChannelInboundHandlerAdapter {
    private static final int CONNECT = 0x10;

    private final Connections connections;
    private boolean isRefused;

    FirstByte(Connections connections) {
        this.connections = connections;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes && bytes.isReadable() && !isRefused
                && bytes.getByte(bytes.readerIndex()) == CONNECT) {
            ctx.fireChannelRead(message);
            ctx.pipeline().remove(this);
            return;
        }
        var isEmpty = message instanceof ByteBuf bytes && !bytes.isReadable();
        ReferenceCountUtil.release(message);
        if (isEmpty || isRefused) return;
        isRefused = true;
        connections.failed();
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        connections.failed(); // of the network, of TLS or of the upgrade: the client's affair, not ours
        ctx.close();
    }
}
