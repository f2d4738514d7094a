package io.iotflow.server.ingest.mqtt;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.IngestOutcome;
import io.iotflow.server.ingest.IngestOutcome.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.BitSet;

/// Stands before the broker on one connection. Takes what devices publish to [io.iotflow.server.ingest.Ingest] and
/// acknowledges it when it is on disk; lets the broker see a published message only if somebody subscribes to it or it
/// is retained. Checks and translates topics. Everything else passes.
///
/// Runs on the connection's event loop.
final class MqttGate extends ChannelDuplexHandler {
    /// Packets that may arrive in one read before the connection is open or while the log is full. Reading has stopped
    /// by then, so more than this means a client that has sent far ahead of its own connect.
    private static final int HELD_PACKETS = 100_000;
    private static final int PUBACK = 0x40;
    private static final int PUBREC = 0x50;
    private static final FastThreadLocal<byte[]> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[16 << 10];
        }
    };

    private enum Phase { NEW, CONNECTING, OPEN, REFUSED, CLOSED }

    private final MqttContext context;
    private final ArrayDeque<Object> held = new ArrayDeque<>(0);
    private ChannelHandlerContext ctx;
    private Acknowledgements acknowledgements;
    private Phase phase = Phase.NEW;
    private boolean version5;
    private MqttConnectMessage connect;
    private MqttSession session;
    private TopicAccess access;
    private TopicAliases aliases;
    private Subscriptions subscriptions;
    private LastWill will;
    private Connections.Connection connection;
    /// Ids of QoS 2 packets that were taken and not released yet. Kept with the session.
    private BitSet unreleased;
    /// Ids of QoS 2 packets that went to the broker.
    private BitSet brokers;
    private boolean waitsForLog;
    private ByteBuf paid;

    private String lastTopic;
    private PublishRoute lastRoute;
    private PublishRoute askedRoute;
    private long askedEpoch;
    private boolean askedAnswer;

    /// What was found out about a topic, kept because a client mostly uses one.
    private record PublishRoute(DeviceTopic topic, DeviceId device, String canonical) {}

    MqttGate(MqttContext context) {
        this.context = context;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        acknowledgements = context.acknowledgements(added.channel().eventLoop());
        connection = context.connections().opened(added.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object message) {
        if (phase == Phase.CONNECTING || !held.isEmpty()) hold(message);
        else read(message);
    }

    private void hold(Object message) {
        if (held.size() < HELD_PACKETS) {
            held.add(message);
        } else {
            ReferenceCountUtil.release(message);
            ctx.close();
        }
    }

    private void read(Object message) {
        if (phase == Phase.REFUSED || phase == Phase.CLOSED) {
            ReferenceCountUtil.release(message);
        } else if (!(message instanceof MqttMessage packet) || packet.decoderResult().isFailure()) {
            undecodable(message);
        } else {
            connection.alive();
            switch (packet.fixedHeader().messageType()) {
                case CONNECT -> connect((MqttConnectMessage) packet);
                case PUBLISH -> publish((MqttPublishMessage) packet);
                case PUBREL -> release(packet);
                case SUBSCRIBE -> subscribe((MqttSubscribeMessage) packet);
                case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) packet);
                case DISCONNECT -> {
                    if (reasonOf(packet) != Packets.DISCONNECT_WITH_WILL) will = null;
                    ctx.fireChannelRead(packet);
                }
                default -> ctx.fireChannelRead(packet);
            }
        }
    }

    private void undecodable(Object message) {
        if (message instanceof MqttMessage packet && packet.decoderResult().cause() instanceof TooLongFrameException) {
            context.statistics().rejected(Reason.TOO_LARGE);
            if (version5) ctx.writeAndFlush(Packets.disconnect(ctx.alloc(), Packets.PACKET_TOO_LARGE));
            phase = Phase.REFUSED;
            ReferenceCountUtil.release(message);
            ctx.close();
        } else {
            context.statistics().rejected(Reason.MALFORMED);
            ctx.fireChannelRead(message);
        }
    }

    // ---- connecting

    private void connect(MqttConnectMessage packet) {
        if (phase != Phase.NEW) {
            ctx.fireChannelRead(packet); // a second CONNECT is a protocol error, which the broker knows
            return;
        }
        phase = Phase.CONNECTING;
        ctx.channel().config().setAutoRead(false);
        version5 = packet.variableHeader().version() >= 5;
        connect = packet;
        will = LastWill.of(packet);
        ctx.fireChannelRead(packet);
    }

    /// The broker's answer to CONNECT, on its way out.
    private MqttMessage connected(MqttConnAckMessage answer) {
        session = connection.session();
        if (answer.variableHeader().connectReturnCode() != MqttConnectReturnCode.CONNECTION_ACCEPTED
                || session == null) {
            context.connections().refused();
            refuse();
            return answer;
        }
        access = new TopicAccess(session, context::deviceNamed);
        if (will != null && !will.isAllowed(access)) {
            context.statistics().rejected(Reason.NOT_AUTHORIZED);
            will = null;
            refuse();
            // A normal disconnect makes the broker forget the will and the session.
            ctx.channel().eventLoop().execute(() -> ctx.fireChannelRead(MqttMessage.DISCONNECT));
            return Packets.refusedConnect(version5);
        }
        aliases = new TopicAliases();
        subscriptions = new Subscriptions(access, version5);
        unreleased = context.unreleasedOf(connection.clientId(), answer.variableHeader().isSessionPresent());
        brokers = new BitSet();
        phase = Phase.OPEN;
        if (will != null) context.renameWill(connection.clientId(), will.canonicalTopic(access));
        context.connections().accepted(connection);
        ctx.channel().eventLoop().execute(this::drain);
        return Packets.withoutPrefix(answer, session.prefix());
    }

    private void refuse() {
        phase = Phase.REFUSED;
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        ctx.channel().config().setAutoRead(true);
    }

    // ---- publishing

    private void publish(MqttPublishMessage packet) {
        if (access == null) {
            ctx.fireChannelRead(packet);
            return;
        }
        var topic = aliases.topicOf(packet);
        if (topic == null) {
            packet.release();
            ctx.writeAndFlush(Packets.disconnect(ctx.alloc(), Packets.TOPIC_ALIAS_INVALID));
            ctx.close();
            return;
        }
        var route = routeOf(topic);
        if (route == null) {
            unauthorized(packet, topic);
        } else if (session instanceof MqttSession.OfOperator) {
            ctx.fireChannelRead(Packets.withTopic(packet, route.canonical()));
        } else if (packet.fixedHeader().qosLevel() != MqttQoS.EXACTLY_ONCE || isNew(packet, route)) {
            take(packet, route);
        }
    }

    private PublishRoute routeOf(String topic) {
        if (topic.equals(lastTopic)) return lastRoute;
        var parsed = DeviceTopic.parse(topic);
        var device = parsed.flatMap(access::publisher);
        lastTopic = topic;
        lastRoute = device.isEmpty() ? null
                : new PublishRoute(parsed.get(), device.get(), TopicAccess.canonical(device.get(), parsed.get()));
        return lastRoute;
    }

    private void unauthorized(MqttPublishMessage packet, String topic) {
        context.statistics().rejected(
                DeviceTopic.parse(topic).isPresent() ? Reason.NOT_AUTHORIZED : Reason.UNKNOWN_TOPIC);
        var qos = packet.fixedHeader().qosLevel();
        var id = packet.variableHeader().packetId();
        packet.release();
        if (!version5) {
            ctx.close(); // 3.1.1 has no other way to say no
        } else if (qos != MqttQoS.AT_MOST_ONCE) {
            owe(0, id, qos, Packets.negative(ctx.alloc(), ackOf(qos), id, Packets.NOT_AUTHORIZED,
                    "publish below devices/{your id or name}/ only"));
        }
    }

    /// Whether a QoS 2 packet comes for the first time. One that comes again, because its PUBREC was lost, is answered
    /// again and not taken again.
    private boolean isNew(MqttPublishMessage packet, PublishRoute route) {
        var id = packet.variableHeader().packetId();
        if (brokers.get(id)) {
            ctx.fireChannelRead(Packets.withTopic(packet, route.canonical()));
        } else if (unreleased.get(id)) {
            packet.release();
            owe(context.appended(), id, MqttQoS.EXACTLY_ONCE, null);
        } else {
            return true;
        }
        return false;
    }

    private void take(MqttPublishMessage packet, PublishRoute route) {
        var payload = packet.payload();
        var length = payload.readableBytes();
        var bytes = length <= SCRATCH.get().length ? SCRATCH.get() : new byte[length];
        payload.getBytes(payload.readerIndex(), bytes, 0, length);
        var outcome = context.ingest().accept(new InboundMessage(route.device(), route.topic().kind(),
                route.topic().rest(), bytes, 0, length));
        var qos = packet.fixedHeader().qosLevel();
        var id = packet.variableHeader().packetId();
        switch (outcome) {
            case IngestOutcome.Accepted(var position, _, _) -> {
                var isForBroker = packet.fixedHeader().isRetain() || hasSubscriber(route);
                if (qos == MqttQoS.EXACTLY_ONCE) (isForBroker ? brokers : unreleased).set(id);
                if (isForBroker) {
                    owe(position, id, qos, Packets.withTopic(packet, route.canonical()));
                } else {
                    packet.release();
                    if (qos != MqttQoS.AT_MOST_ONCE) owe(position, id, qos, null);
                }
            }
            case IngestOutcome.Rejected(var reason, var detail, _) -> {
                packet.release();
                if (qos == MqttQoS.AT_MOST_ONCE) return;
                owe(0, id, qos, version5 ? Packets.negative(ctx.alloc(), ackOf(qos), id, Packets.reason(reason), detail)
                        : null);
            }
            case IngestOutcome.Overloaded _ -> {
                if (qos == MqttQoS.AT_MOST_ONCE) {
                    context.statistics().shed();
                    packet.release();
                } else {
                    waitForLog(packet);
                }
            }
        }
    }

    /// Asks the broker again only when any subscription anywhere has changed.
    private boolean hasSubscriber(PublishRoute route) {
        var epoch = context.subscriptionEpoch();
        if (route != askedRoute || epoch != askedEpoch) {
            askedRoute = route;
            askedEpoch = epoch;
            askedAnswer = context.hasSubscriber(route.canonical());
        }
        return askedAnswer;
    }

    private static int ackOf(MqttQoS qos) {
        return qos == MqttQoS.EXACTLY_ONCE ? PUBREC : PUBACK;
    }

    private void owe(long position, int packetId, MqttQoS qos, Object instead) {
        acknowledgements.owe(this, position, ackOf(qos) << 16 | packetId, instead);
    }

    /// Stops reading from the socket until there is room in the log. What was read already waits in order.
    private void waitForLog(MqttPublishMessage packet) {
        held.addFirst(packet);
        ctx.channel().config().setAutoRead(false);
        if (waitsForLog) return;
        waitsForLog = true;
        acknowledgements.retryLater(this);
    }

    /// Called on the loop when there may be room again.
    void retry() {
        waitsForLog = false;
        if (phase == Phase.OPEN) drain();
    }

    private void drain() {
        while (!held.isEmpty() && !waitsForLog && phase == Phase.OPEN) read(held.removeFirst());
        if (held.isEmpty() && phase == Phase.OPEN) ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    }

    /// Writes what is due, not yet flushed. True if there is something to flush.
    boolean pay(int packet, Object instead) {
        if (phase != Phase.OPEN) {
            // The client did not wait for its answer; subscribers get the message all the same.
            if (instead instanceof MqttPublishMessage forBroker) context.publish(forBroker);
            ReferenceCountUtil.release(instead);
            return false;
        }
        var ack = packet >>> 16;
        var id = packet & 0xFFFF;
        switch (instead) {
            case null -> {
                out().writeByte(ack).writeByte(2).writeShort(id);
            }
            case ByteBuf refusal -> {
                out().writeBytes(refusal);
                refusal.release();
            }
            case MqttPublishMessage forBroker -> {
                ctx.fireChannelRead(forBroker); // the broker acknowledges it
                return false;
            }
            default -> throw new IllegalStateException("BUG: cannot pay with " + instead.getClass());
        }
        return true;
    }

    private ByteBuf out() {
        if (paid == null) paid = ctx.alloc().buffer(256);
        return paid;
    }

    void flushPaid() {
        if (paid == null) return;
        var bytes = paid;
        paid = null;
        ctx.writeAndFlush(bytes, ctx.voidPromise());
    }

    /// PUBREL: the client gives a QoS 2 packet's id free.
    private void release(MqttMessage packet) {
        var id = ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
        if (brokers != null && brokers.get(id)) {
            brokers.clear(id);
            ctx.fireChannelRead(packet);
            return;
        }
        if (unreleased != null) unreleased.clear(id);
        ReferenceCountUtil.release(packet);
        ctx.writeAndFlush(Packets.pubcomp(ctx.alloc(), id));
    }

    // ---- subscribing

    private void subscribe(MqttSubscribeMessage packet) {
        if (subscriptions == null) {
            ctx.fireChannelRead(packet);
            return;
        }
        var allowed = subscriptions.request(packet);
        for (int n = subscriptions.refusedLast(); n > 0; n--) context.statistics().rejected(Reason.NOT_AUTHORIZED);
        if (allowed != null) ctx.fireChannelRead(allowed);
        else ctx.writeAndFlush(subscriptions.answerAllRefused(packet.variableHeader().messageId()));
    }

    private void unsubscribe(MqttUnsubscribeMessage packet) {
        ctx.fireChannelRead(subscriptions == null ? packet : subscriptions.cancel(packet));
    }

    // ---- what the broker writes

    @Override
    public void write(ChannelHandlerContext ignored, Object message, ChannelPromise promise) {
        var outgoing = switch (message) {
            case MqttConnAckMessage answer when phase == Phase.CONNECTING -> connected(answer);
            case MqttPublishMessage publish when access != null -> {
                var topic = publish.variableHeader().topicName();
                var spoken = access.asSpoken(topic);
                yield spoken.equals(topic) ? publish : Packets.withTopic(publish, spoken);
            }
            case MqttSubAckMessage answer when subscriptions != null -> subscriptions.answer(answer);
            case MqttUnsubAckMessage answer -> answer;
            default -> message;
        };
        ctx.write(outgoing, promise);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ignored) {
        // A client that does not read what it is owed is not read from either.
        if (phase == Phase.OPEN && held.isEmpty()) ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        if (phase == Phase.OPEN && will != null) will.publish(context.ingest(), access);
        phase = Phase.CLOSED;
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        if (paid != null) paid.release();
        paid = null;
        context.connections().closed(connection);
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable cause) {
        // A reset connection or a broken packet is the client's affair, not ours.
        context.connections().failed(cause);
        ctx.close();
    }

    private static int reasonOf(MqttMessage packet) {
        return packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                ? Byte.toUnsignedInt(header.reasonCode()) : 0;
    }
}
