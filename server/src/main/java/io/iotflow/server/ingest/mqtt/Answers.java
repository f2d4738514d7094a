package io.iotflow.server.ingest.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/// What one client is told about its publishes, in the order in which they came. An answer that waits for the broker
/// holds back those behind it. Used on the connection's event loop only.
final class Answers {
    private final ChannelHandlerContext ctx;
    private final ArrayDeque<Answer> waiting = new ArrayDeque<>(0);
    private ByteBuf written;

    /// One answer: the acknowledgement's type and packet id, or a refusal instead.
    static final class Answer {
        private final int packet;
        private final ByteBuf refusal;
        private boolean isDue;

        private Answer(int packet, ByteBuf refusal, boolean isDue) {
            this.packet = packet;
            this.refusal = refusal;
            this.isDue = isDue;
        }

        void due() {
            isDue = true;
        }
    }

    Answers(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    /// An answer that may be given now, unless others are still ahead of it.
    void add(int packet, ByteBuf refusal) {
        if (waiting.isEmpty()) write(packet, refusal);
        else waiting.add(new Answer(packet, refusal, true));
    }

    /// An answer that may be given when somebody calls [Answer#due].
    Answer addWaiting(int packet) {
        var answer = new Answer(packet, null, false);
        waiting.add(answer);
        return answer;
    }

    /// Writes what is due, not yet flushed. True if there is something to flush.
    boolean write() {
        while (!waiting.isEmpty() && waiting.peek().isDue) {
            var answer = waiting.remove();
            write(answer.packet, answer.refusal);
        }
        return written != null;
    }

    private void write(int packet, ByteBuf refusal) {
        if (written == null) written = ctx.alloc().buffer(256);
        if (refusal == null) {
            written.writeByte(packet >>> 16).writeByte(2).writeShort(packet & 0xFFFF);
        } else {
            written.writeBytes(refusal);
            refusal.release();
        }
    }

    void flush() {
        if (written == null) return;
        var bytes = written;
        written = null;
        ctx.writeAndFlush(bytes, ctx.voidPromise());
    }

    void close() {
        waiting.forEach(answer -> ReferenceCountUtil.release(answer.refusal));
        waiting.clear();
        if (written != null) written.release();
        written = null;
    }
}
