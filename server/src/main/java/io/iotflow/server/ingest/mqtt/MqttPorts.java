package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.Limits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;

/// Opens the ports and hands to the broker what begins as MQTT does. The broker's own ports would take HTTP as well,
/// and read its bodies into memory without a limit.
final class MqttPorts implements AutoCloseable {
    private static final String SUBPROTOCOLS = "mqtt,mqttv3.1,mqttv3.1.1";
    /// What stands before the part of a packet that `mqtt.max_packet_kib` limits.
    private static final int FIXED_HEADER_BYTES = 5;
    private static final int BACKLOG = 1_024;

    private final MqttConfig config;
    private final NettyAcceptor broker;
    private final Connections connections;
    private final EventLoopGroup loops;
    private final ChannelGroup ports = new DefaultChannelGroup("mqtt-ports", GlobalEventExecutor.INSTANCE);
    private final ChannelGroup clients = new DefaultChannelGroup("mqtt-clients", GlobalEventExecutor.INSTANCE);

    /// @param broker an acceptor that has no port of its own
    MqttPorts(MqttConfig config, NettyAcceptor broker, Connections connections) {
        this.config = config;
        this.broker = broker;
        this.connections = connections;
        var threads = new DefaultThreadFactory("mqtt-io", true);
        loops = Epoll.isAvailable() ? new EpollEventLoopGroup(config.ioThreads(), threads)
                : new NioEventLoopGroup(config.ioThreads(), threads);
    }

    /// Answers the port's number.
    int open(int port) {
        return open(port, "mqtt.port", _ -> {});
    }

    int openWebsocket(int port) {
        return open(port, "mqtt.websocket_port", this::websocket);
    }

    int openTls(int port, SslContext tls) {
        return open(port, "mqtt.tls_port", channel -> channel.pipeline().addLast(tls.newHandler(channel.alloc())));
    }

    /// @throws CannotStart when somebody else has the port
    private int open(int port, String setting, Consumer<Channel> wrapping) {
        var bootstrap = new ServerBootstrap().group(loops)
                .channel(Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true).option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true).childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel, wrapping);
                    }
                });
        var binding = bootstrap.bind(config.host(), port).awaitUninterruptibly();
        if (!binding.isSuccess()) throw CannotStart.portTaken(config.host(), port, setting);
        ports.add(binding.channel());
        return ((InetSocketAddress) binding.channel().localAddress()).getPort();
    }

    private void accept(Channel channel, Consumer<Channel> wrapping) {
        if (clients.size() >= config.maxConnections()) {
            connections.refused();
            channel.close();
            return;
        }
        clients.add(channel);
        wrapping.accept(channel);
        channel.pipeline().addLast(new FirstByte(connections));
        broker.transfer(channel);
    }

    /// The upgrade has no body, and a frame is held in memory until it is complete.
    private void websocket(Channel channel) {
        var frames = WebSocketDecoderConfig.newBuilder().withUTF8Validator(false)
                .maxFramePayloadLength((config.maxPacketKib() << 10) + FIXED_HEADER_BYTES).build();
        channel.pipeline().addLast(
                new HttpServerCodec(Limits.HTTP_REQUEST_LINE_BYTES, Limits.HTTP_HEADER_BYTES, 1 << 10),
                new HttpObjectAggregator(0),
                new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder().websocketPath("/")
                        .checkStartsWith(true).subprotocols(SUBPROTOCOLS).decoderConfig(frames).build()),
                new WebSocketBytes());
    }

    /// Nobody comes in any more; those who are in stay.
    void stopListening() {
        ports.close().awaitUninterruptibly();
    }

    @Override
    public void close() {
        stopListening();
        clients.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 3, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
