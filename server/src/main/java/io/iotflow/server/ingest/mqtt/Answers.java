package io.iotflow.server.ingest.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.apache.activemq.artemis.core.protocol.mqtt.BrokerDoors;

/// What one client is told about its publishes, in the order in which they came and when they are on disk. Before that,
/// the broker gets those that somebody follows; an answer that waits for it holds back those behind. Used on the
/// connection's event loop only.
final class Answers {
    private static final int PUBACK = 0x40;
    private static final int PUBREC = 0x50;

    private final ChannelHandlerContext ctx;
    private final Acknowledgements acknowledgements;
    private final Connections connections;
    private final ArrayDeque<Answer> waiting = new ArrayDeque<>(0);
    private BrokerDoors.Client client;
    private boolean isOpen;
    private boolean delivering;
    private ByteBuf written;

    /// One answer: the acknowledgement's type and packet id, or a refusal instead.
    private static final class Answer {
        private final int packet;
        private final ByteBuf refusal;
        private boolean isDue;

        private Answer(int packet, ByteBuf refusal, boolean isDue) {
            this.packet = packet;
            this.refusal = refusal;
            this.isDue = isDue;
        }
    }

    Answers(ChannelHandlerContext ctx, Acknowledgements acknowledgements, Connections connections) {
        this.ctx = ctx;
        this.acknowledgements = acknowledgements;
        this.connections = connections;
    }

    /// The client has been let in.
    ///
    /// @param client in whose name messages are handed to the broker; null if another connection has its session
    void open(BrokerDoors.Client client) {
        this.client = client;
        isOpen = true;
    }

    /// The client does not wait for answers any more.
    void stop() {
        isOpen = false;
    }

    /// The first byte of the packet that acknowledges a publish.
    static int ackOf(MqttQoS qos) {
        return qos == MqttQoS.EXACTLY_ONCE ? PUBREC : PUBACK;
    }

    /// Owes an acknowledgement as soon as the position is committed.
    ///
    /// @param instead a refusal to be sent instead, or a message that the broker must have first; null for neither
    void owe(long position, int packetId, MqttQoS qos, Object instead) {
        acknowledgements.owe(this, position, ackOf(qos) << 16 | packetId, instead);
    }

    /// Owes a refusal, in words for a client of MQTT 5; one of 3.1.1 can be told nothing but that it was heard.
    void refuse(long position, int packetId, MqttQoS qos, boolean version5, int reason, String detail) {
        if (qos == MqttQoS.AT_MOST_ONCE) return;
        owe(position, packetId, qos,
                version5 ? Packets.negative(ctx.alloc(), ackOf(qos), packetId, reason, detail) : null);
    }

    /// Owes what a gateway is told of what it has said for others; what has failed ends the connection.
    void owe(Spokesman.Said said, int packetId, MqttQoS qos, boolean version5) {
        switch (said) {
            case Spokesman.Taken(var position) -> {
                if (qos != MqttQoS.AT_MOST_ONCE) owe(position, packetId, qos, null);
            }
            case Spokesman.Refused(var position, var why) ->
                    refuse(position, packetId, qos, version5, Packets.reason(why.reason()), why.detail());
            case Spokesman.Failed _ -> ctx.close();
        }
    }

    /// Writes what is due, not yet flushed. True if there is something to flush.
    ///
    /// @param packet the acknowledgement's first byte and the packet's id
    boolean pay(int packet, Object instead) {
        if (instead instanceof MqttPublishMessage forBroker) return deliver(packet, forBroker);
        if (!isOpen) {
            ReferenceCountUtil.release(instead);
            return false;
        }
        var refusal = (ByteBuf) instead;
        if (waiting.isEmpty()) write(packet, refusal);
        else waiting.add(new Answer(packet, refusal, true));
        return write();
    }

    /// Subscribers get the message whether or not its publisher is still there.
    private boolean deliver(int packet, MqttPublishMessage message) {
        var isAnswered = message.fixedHeader().qosLevel() != MqttQoS.AT_MOST_ONCE && isOpen;
        var answer = isAnswered ? new Answer(packet, null, false) : null;
        if (isAnswered) waiting.add(answer);
        delivering = true;
        try {
            if (client != null) client.publish(message, () -> kept(answer));
        } catch (RuntimeException _) {
            connections.failed();
            ctx.close(); // not acknowledged, so the client sends it again
        } finally {
            delivering = false;
            message.release();
        }
        return isOpen && write();
    }

    /// The broker has the message.
    private void kept(Answer answer) {
        if (answer == null) return;
        if (delivering && ctx.executor().inEventLoop()) answer.isDue = true;
        else ctx.executor().execute(() -> {
            answer.isDue = true;
            if (isOpen && write()) flush();
        });
    }

    private boolean write() {
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
        stop();
        waiting.forEach(answer -> ReferenceCountUtil.release(answer.refusal));
        waiting.clear();
        if (written != null) written.release();
        written = null;
    }
}
