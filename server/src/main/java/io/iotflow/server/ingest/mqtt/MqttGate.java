package io.iotflow.server.ingest.mqtt;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.InboundMessage.Via;
import io.iotflow.server.ingest.IngestOutcome;
import io.iotflow.server.ingest.IngestOutcome.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.BitSet;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.artemis.core.protocol.mqtt.BrokerDoors;

/// Stands before the broker on one connection. Takes what devices publish to [io.iotflow.server.ingest.Ingest] and
/// acknowledges it when it is on disk; hands the broker a published message only if somebody subscribes to it or it is
/// retained, and never one with sensitive values, because its queues are files. The broker never answers for it, so
/// that answers keep the order of arrival. Checks and translates topics. Everything else passes.
///
/// Runs on the connection's event loop.
final class MqttGate extends ChannelDuplexHandler {
    /// How long a client that broke the rules has to read why before its connection is closed.
    private static final long FAREWELL_MILLIS = 1_000;

    private enum Phase { NEW, CONNECTING, OPEN, REFUSED, CLOSED }

    private final MqttContext context;
    private Backlog backlog;
    private ChannelHandlerContext ctx;
    private Acknowledgements acknowledgements;
    private Phase phase = Phase.NEW;
    private boolean version5;
    private boolean isShortened;
    private MqttSession session;
    private TopicAccess access;
    private TopicAliases aliases;
    private PublishRoutes routes;
    private Subscriptions subscriptions;
    private LastWill will;
    private Connections.Connection connection;
    private MqttContext.Remembered remembered;
    private BitSet unreleased;
    private BrokerDoors.Client client;
    private Quota quota;
    private Answers answers;
    private DeviceCommands commands;
    private Spokesman spokesman;

    MqttGate(MqttContext context) {
        this.context = context;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        backlog = new Backlog(added.channel());
        acknowledgements = context.acknowledgements(added.channel().eventLoop());
        answers = new Answers(added, acknowledgements, context.connections());
        connection = context.connections().opened(added.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object message) {
        if (phase == Phase.CONNECTING || backlog.isBehind()) backlog.hold(message);
        else read(message);
    }

    private void read(Object message) {
        if (phase == Phase.REFUSED || phase == Phase.CLOSED) {
            ReferenceCountUtil.release(message);
        } else if (!(message instanceof MqttMessage packet) || packet.decoderResult().isFailure()) {
            undecodable(message);
        } else if (phase == Phase.NEW && packet.fixedHeader().messageType() != MqttMessageType.CONNECT) {
            ReferenceCountUtil.release(packet);
            end(Packets.PROTOCOL_ERROR);
        } else {
            connection.alive();
            switch (packet.fixedHeader().messageType()) {
                case CONNECT -> connect((MqttConnectMessage) packet);
                case PUBLISH -> publish((MqttPublishMessage) packet);
                case PUBREL -> release(packet);
                case SUBSCRIBE -> subscribe((MqttSubscribeMessage) packet);
                case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) packet);
                case DISCONNECT -> disconnect(packet);
                case PUBACK -> {
                    if (commands != null) commands.acknowledged(packet);
                    ctx.fireChannelRead(packet);
                }
                default -> ctx.fireChannelRead(packet);
            }
        }
    }

    private void undecodable(Object message) {
        var isTooLarge = message instanceof MqttMessage packet
                && packet.decoderResult().cause() instanceof TooLongFrameException;
        context.statistics().rejected(isTooLarge ? Reason.TOO_LARGE : Reason.MALFORMED);
        ReferenceCountUtil.release(message);
        end(isTooLarge ? Packets.PACKET_TOO_LARGE : Packets.MALFORMED_PACKET);
    }

    /// What the client sends from now on is not read, and what it is still owed is not sent.
    private void leave() {
        phase = Phase.REFUSED;
        answers.stop();
    }

    /// Ends the connection of a client that broke the rules. What it sends from now on is not read.
    private void end(int reason) {
        end(Packets.disconnect(ctx.alloc(), reason));
    }

    private void end(ByteBuf disconnect) {
        leave();
        if (!version5 || access == null) {
            disconnect.release();
            ctx.close();
            return;
        }
        // Closing while the client still sends would reset the connection and lose the reason.
        ctx.writeAndFlush(disconnect);
        ctx.channel().config().setAutoRead(true);
        ctx.executor().schedule(() -> ctx.close(), FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void disconnect(MqttMessage packet) {
        if (Packets.reasonOf(packet) == Packets.DISCONNECT_WITH_WILL) {
            leave();
            ctx.close(); // to the broker, every DISCONNECT is one without the will
            return;
        }
        will = null;
        if (client != null) client.forgetWill();
        leave();
        ctx.fireChannelRead(Connects.forBroker(packet));
    }

    private void connect(MqttConnectMessage packet) {
        if (phase != Phase.NEW) {
            end(Packets.PROTOCOL_ERROR);
            return;
        }
        if (!context.limits().admits(connection.address())) {
            ReferenceCountUtil.release(packet);
            context.connections().refused();
            leave();
            ctx.writeAndFlush(Connects.tooMany(packet.variableHeader().version() >= 5)).addListener(_ -> ctx.close());
            return;
        }
        phase = Phase.CONNECTING;
        ctx.channel().config().setAutoRead(false);
        version5 = packet.variableHeader().version() >= 5;
        will = LastWill.of(packet);
        isShortened = version5 && Connects.isTooLong(packet.variableHeader().properties());
        ctx.fireChannelRead(Connects.forBroker(packet));
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
        client = context.client(connection).orElse(null);
        remembered = context.session(connection.clientId(), answer.variableHeader().isSessionPresent());
        unreleased = remembered.unreleased();
        access = new TopicAccess(session, context::deviceNamed, context.groups(), remembered.spoken(),
                context.calls()::command);
        if (session instanceof MqttSession.OfQuarantined) will = null; // so that it can come and hear why
        if (will != null && !will.isAllowed(access)) {
            context.statistics().rejected(Reason.NOT_AUTHORIZED);
            refuse();
            // A normal disconnect makes the broker forget the will and the session.
            ctx.channel().eventLoop().execute(() -> ctx.fireChannelRead(MqttMessage.DISCONNECT));
            return Connects.refused(version5);
        }
        aliases = new TopicAliases();
        routes = new PublishRoutes(context, access);
        if (session instanceof MqttSession.OfDevice device) {
            quota = new Quota(context.limits(), device);
            commands = client == null ? null : context.commands(ctx, device.id(), client, connection.clientId());
            spokesman = new Spokesman(context, device.id(), connection);
            if (commands != null) {
                spokesman.onChange((id, isThere) -> ctx.executor().execute(() -> commands.changed(id, isThere)));
            }
        }
        subscriptions = new Subscriptions(access, version5);
        phase = Phase.OPEN;
        answers.open(client);
        if (client != null && will == null) client.forgetWill();
        if (client != null && will != null) client.moveWill(will.canonicalTopic(access));
        context.connections().accepted(connection);
        ctx.channel().eventLoop().execute(this::drain);
        if (answer.variableHeader().isSessionPresent() && session instanceof MqttSession.OfDevice(var id, _, _)) {
            context.shadowFollowed(id);
        }
        return Connects.forClient(answer, session.prefix(), isShortened, connection.welcomeUntil());
    }

    private void refuse() {
        phase = Phase.REFUSED;
        will = null;
        backlog.clear();
        ctx.channel().config().setAutoRead(true);
    }

    private void publish(MqttPublishMessage packet) {
        if (access == null) {
            packet.release();
            end(Packets.PROTOCOL_ERROR);
            return;
        }
        var topic = aliases.topicOf(packet);
        if (topic == null) {
            packet.release();
            end(Packets.TOPIC_ALIAS_INVALID);
            return;
        }
        var route = routes.of(topic);
        if (route == null) {
            unauthorized(packet, topic);
        } else if (packet.fixedHeader().qosLevel() == MqttQoS.EXACTLY_ONCE
                && unreleased.get(packet.variableHeader().packetId())) {
            // Sent again because its PUBREC was lost: answered again, not taken again.
            packet.release();
            answers.owe(context.appended(), packet.variableHeader().packetId(), MqttQoS.EXACTLY_ONCE, null);
        } else if (session instanceof MqttSession.OfUser) {
            forBroker(packet, route, 0);
        } else {
            var wait = quota.take();
            if (wait > 0) overQuota(packet, wait);
            else if (route.manner() == PublishRoutes.Manner.FOR_OTHERS) takeForOthers(packet, route);
            else take(packet, route);
        }
    }

    /// A client of MQTT 5 is told. One of 3.1.1 could only be told that its message was kept, which is not true; so it
    /// is not read until there is room for the message.
    private void overQuota(MqttPublishMessage packet, long waitNanos) {
        var qos = packet.fixedHeader().qosLevel();
        var id = packet.variableHeader().packetId();
        if (qos == MqttQoS.AT_MOST_ONCE) {
            packet.release();
            quota.refuse();
            context.limits().dropped();
        } else if (version5) {
            packet.release();
            answers.refuse(0, id, qos, true, Packets.QUOTA_EXCEEDED, "the rate limit of the "
                    + quota.refuse().name().toLowerCase(Locale.ROOT));
        } else {
            quota.refuse();
            backlog.putBack(packet);
            if (backlog.pause()) ctx.executor().schedule(this::retry, waitNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void unauthorized(MqttPublishMessage packet, String topic) {
        context.statistics().rejected(
                DeviceTopic.parse(topic).isPresent() ? Reason.NOT_AUTHORIZED : Reason.UNKNOWN_TOPIC);
        var qos = packet.fixedHeader().qosLevel();
        var id = packet.variableHeader().packetId();
        packet.release();
        if (!version5) end(Packets.NOT_AUTHORIZED); // 3.1.1 has no other way to say no
        else answers.refuse(0, id, qos, true, Packets.NOT_AUTHORIZED, "publish below devices/{your id or name}/ only");
    }

    /// The broker gets the message when the position is committed.
    private void forBroker(MqttPublishMessage packet, PublishRoutes.Route route, long position) {
        var qos = packet.fixedHeader().qosLevel();
        var id = packet.variableHeader().packetId();
        if (qos == MqttQoS.EXACTLY_ONCE) unreleased.set(id);
        answers.owe(position, id, qos, Packets.withTopic(packet, route.canonical()));
    }

    private void take(MqttPublishMessage given, PublishRoutes.Route route) {
        var packet = routes.asOurs(given, route);
        var length = packet.payload().readableBytes();
        var bytes = Scratch.copyOf(packet.payload());
        IngestOutcome outcome = null;
        try {
            outcome = context.ingest().accept(new InboundMessage(Via.MQTT, route.device(),
                    session.organization(), route.topic().kind(), route.topic().rest(), bytes, 0, length));
        } finally {
            if (outcome == null) packet.release();
        }
        var qos = packet.fixedHeader().qosLevel();
        var id = packet.variableHeader().packetId();
        switch (outcome) {
            case IngestOutcome.Accepted(var position, _, _, var isSealed) -> {
                if (!isSealed && (packet.fixedHeader().isRetain() || routes.isFollowed(route))) {
                    forBroker(packet, route, position);
                } else {
                    packet.release();
                    if (qos == MqttQoS.EXACTLY_ONCE) unreleased.set(id);
                    if (qos != MqttQoS.AT_MOST_ONCE) answers.owe(position, id, qos, null);
                }
            }
            case IngestOutcome.Rejected(var reason, var detail, _) -> {
                packet.release();
                answers.refuse(0, id, qos, version5, Packets.reason(reason), detail);
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

    /// Nothing else is dealt with meanwhile.
    private void takeForOthers(MqttPublishMessage packet, PublishRoutes.Route route) {
        var qos = packet.fixedHeader().qosLevel();
        var id = packet.variableHeader().packetId();
        var bytes = ByteBufUtil.getBytes(packet.payload());
        packet.release();
        backlog.pause();
        spokesman.take(route.topic().rest(), bytes, qos == MqttQoS.AT_MOST_ONCE, said -> ctx.executor().execute(() -> {
            if (said instanceof Spokesman.Taken && qos == MqttQoS.EXACTLY_ONCE) unreleased.set(id);
            answers.owe(said, id, qos, version5);
            retry();
        }));
    }

    /// Stops reading from the socket until there is room in the log. What was read already waits in order.
    private void waitForLog(MqttPublishMessage packet) {
        backlog.putBack(packet);
        if (backlog.pause()) acknowledgements.retryLater(this);
    }

    /// Called on the loop when there may be room again.
    void retry() {
        if (quota != null) quota.readComplete();
        backlog.resume();
        if (phase == Phase.OPEN) drain();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ignored) {
        if (quota != null) quota.readComplete();
        ctx.fireChannelReadComplete();
    }

    private void drain() {
        while (phase == Phase.OPEN && backlog.next() instanceof Object packet) read(packet);
        readIfWelcome();
    }

    /// PUBREL: the client gives a QoS 2 packet's id free.
    private void release(MqttMessage packet) {
        var id = ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
        if (unreleased != null) unreleased.clear(id);
        ReferenceCountUtil.release(packet);
        ctx.writeAndFlush(Packets.pubcomp(ctx.alloc(), id));
    }

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

    @Override
    public void write(ChannelHandlerContext ignored, Object message, ChannelPromise promise) {
        if (message instanceof MqttPublishMessage down && (commands != null && !commands.lets(down, promise)
                || access != null && access.withholds(ctx, down, promise))) return;
        var outgoing = switch (message) {
            case MqttConnAckMessage answer when phase == Phase.CONNECTING -> connected(answer);
            case MqttPublishMessage publish when access != null -> access.asSpoken(publish);
            case MqttSubAckMessage answer when subscriptions != null -> subscriptions.answer(answer);
            default -> message;
        };
        ctx.write(outgoing, promise);
        if (commands != null) commands.written(message);
        if (outgoing instanceof MqttSubAckMessage answer && subscriptions != null) {
            subscriptions.answered(answer, session, context).ifPresent(ctx::write);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ignored, Object event) {
        if (event instanceof Connections.Farewell(var why)) {
            end(Packets.disconnect(ctx.alloc(), Packets.ADMINISTRATIVE_ACTION, why));
        } else ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ignored) {
        readIfWelcome();
        ctx.fireChannelWritabilityChanged();
    }

    /// A client that does not read what it is owed is not read from either.
    private void readIfWelcome() {
        var isWelcome = phase == Phase.OPEN && !backlog.isBehind();
        if (isWelcome) ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        if (will != null && access != null && will.publish(context.ingest(), access, session.organization())
                && client != null) client.forgetWill();
        phase = Phase.CLOSED;
        backlog.clear();
        answers.close();
        if (spokesman != null) spokesman.close();
        if (commands != null) commands.closed();
        if (remembered != null) context.remember(connection.clientId(), remembered);
        context.connections().closed(connection);
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable cause) {
        context.connections().failed(cause);
        ctx.close();
    }
}
