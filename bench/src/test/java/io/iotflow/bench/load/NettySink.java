package io.iotflow.bench.load;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/// The cheapest thing that speaks enough MQTT to be loaded: it counts PUBLISH packets per client and acknowledges
/// them in groups. It can also misbehave on purpose.
public final class NettySink implements AutoCloseable {

    /// How it treats a PUBLISH.
    public enum Manner {
        HONEST,
        /// Remembers each payload, to find repeats.
        REMEMBERS,
        /// Takes everything, answers nothing.
        SILENT,
        /// Acknowledges each message twice.
        STUTTERS,
        /// Acknowledges everything, keeps all but every hundredth message.
        LIES,
        /// Stops for STALL once, at its five hundredth message.
        STALLS,
        /// Closes each connection at its thousandth message, unanswered.
        HANGS_UP
    }

    static final Duration STALL = Duration.ofMillis(250);

    private final EventLoopGroup group;
    private final Channel channel;
    private final Manner manner;
    private final String secret;
    final Map<String, LongAdder> kept = new ConcurrentHashMap<>();
    final Queue<String> payloads = new ConcurrentLinkedQueue<>();
    final LongAdder received = new LongAdder();

    /// @param secret the password that is let in; empty lets everybody in
    public NettySink(Manner manner, String secret) {
        this(manner, secret, 0);
    }

    public NettySink(Manner manner, String secret, int port) {
        this.manner = manner;
        this.secret = secret;
        boolean epoll = Epoll.isAvailable();
        group = epoll ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
        channel = new ServerBootstrap().group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel accepted) {
                        accepted.pipeline().addLast(new Reader());
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", port)).syncUninterruptibly().channel();
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    public long kept(String device) {
        var count = kept.get(device);
        return count == null ? 0 : count.sum();
    }

    /// Counts what came by another way.
    public void keep(String device, long messages) {
        kept.computeIfAbsent(device, _ -> new LongAdder()).add(messages);
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Reader extends ByteToMessageDecoder {
        private LongAdder own;
        private ByteBuf answers;
        private long seen;

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            while (true) {
                int start = in.readerIndex();
                int length = bodyLength(in);
                if (length < 0) {
                    in.readerIndex(start);
                    return;
                }
                int type = in.getUnsignedByte(start);
                int body = in.readerIndex();
                switch (type >> 4) {
                    case 1 -> connect(context, in.slice(body, length));
                    case 3 -> publish(context, in, body, length, (type >> 1 & 3) > 0);
                    case 8 -> answers(context).writeMedium(0x900300 | in.getUnsignedByte(body))
                            .writeByte(in.getUnsignedByte(body + 1)).writeByte(0);
                    default -> { }
                }
                in.readerIndex(body + length);
            }
        }

        /// The length of the next packet's body, its reader index then at the body; -1 when it has not arrived whole.
        private static int bodyLength(ByteBuf in) {
            if (in.readableBytes() < 2) return -1;
            in.skipBytes(1);
            int length = 0;
            for (int shift = 0; in.isReadable(); shift += 7) {
                int octet = in.readByte();
                length |= (octet & 0x7F) << shift;
                if (octet >= 0) return in.readableBytes() < length ? -1 : length;
            }
            return -1;
        }

        private void connect(ChannelHandlerContext context, ByteBuf body) {
            body.skipBytes(10);
            var client = text(body);
            if (body.isReadable()) text(body);
            var password = body.isReadable() ? text(body) : "";
            own = kept.computeIfAbsent(client, _ -> new LongAdder());
            answers(context).writeInt(secret.isEmpty() || password.equals(secret) ? 0x20020000 : 0x20020005);
        }

        private static String text(ByteBuf in) {
            return in.readCharSequence(in.readUnsignedShort(), StandardCharsets.UTF_8).toString();
        }

        private void publish(ChannelHandlerContext context, ByteBuf in, int body, int length, boolean answered) {
            seen++;
            received.increment();
            if (manner == Manner.STALLS && received.sum() == 500) stall();
            if (manner == Manner.HANGS_UP && seen == 1_000) {
                context.close();
                return;
            }
            if (manner != Manner.LIES || seen % 100 != 0) own.increment();
            int id = body + 2 + in.getUnsignedShort(body);
            if (manner == Manner.REMEMBERS) {
                var topic = in.toString(body + 2, id - body - 2, StandardCharsets.UTF_8);
                payloads.add(topic + in.toString(id + 2, length - (id + 2 - body), StandardCharsets.UTF_8));
            }
            if (!answered || manner == Manner.SILENT) return;
            int answer = 0x40020000 | in.getUnsignedShort(id);
            answers(context).writeInt(answer);
            if (manner == Manner.STUTTERS) answers(context).writeInt(answer);
        }

        private static void stall() {
            long end = System.nanoTime() + STALL.toNanos();
            while (System.nanoTime() < end) LockSupport.parkNanos(end - System.nanoTime());
        }

        private ByteBuf answers(ChannelHandlerContext context) {
            if (answers == null) answers = context.alloc().ioBuffer(1024);
            return answers;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) throws Exception {
            super.channelReadComplete(context);
            if (answers == null) return;
            var batch = answers;
            answers = null;
            context.writeAndFlush(batch, context.voidPromise());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
