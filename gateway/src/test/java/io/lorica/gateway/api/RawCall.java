package io.lorica.gateway.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A caller that writes bytes as it likes and reads what comes back.
final class RawCall implements AutoCloseable {

    private final Socket socket;
    private final StringBuilder received = new StringBuilder();

    private RawCall(Socket socket) {
        this.socket = socket;
    }

    static RawCall to(int port) throws IOException {
        return new RawCall(new Socket("127.0.0.1", port));
    }

    static RawCall to(int port, String text) throws IOException {
        RawCall call = to(port);
        call.send(text);
        return call;
    }

    RawCall send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    RawCall send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /// Everything until the gateway closes the connection; fails when it does not within the patience.
    String untilClosed(Duration patience) throws IOException {
        read(patience, null);
        return received.toString();
    }

    /// Everything until a text is there; fails when it is not within the patience.
    String until(String text, Duration patience) throws IOException {
        if (received.indexOf(text) < 0) {
            read(patience, text);
        }
        return received.toString();
    }

    private void read(Duration patience, String text) throws IOException {
        long until = System.nanoTime() + patience.toNanos();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[8192];
        while (System.nanoTime() < until) {
            socket.setSoTimeout((int) Math.max(1, (until - System.nanoTime()) / 1_000_000));
            int count;
            try {
                count = in.read(buffer);
            } catch (SocketTimeoutException e) {
                break;
            } catch (SocketException e) {
                count = -1;
            }
            if (count < 0) {
                if (text == null) {
                    return;
                }
                throw new AssertionError("closed before '" + text + "': " + received);
            }
            received.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
            if (text != null && received.indexOf(text) >= 0) {
                return;
            }
        }
        throw new AssertionError("not within " + patience + ": " + received);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
