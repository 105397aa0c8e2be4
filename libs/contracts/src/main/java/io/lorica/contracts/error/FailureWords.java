package io.lorica.contracts.error;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// Failures of files and connections in plain words, for messages that users read: no name of a class or of an option
/// of a library.
public final class FailureWords {

    private static final String UNKNOWN = "an unexpected failure; the log has the details";

    // java.lang.Thing, SomeException, `SomeOption.NAME`, a.b.Thing$Inner@1f: names of code, not words.
    private static final Pattern CODE = Pattern.compile(
            "\\b(java|javax|jakarta|com|org|io|sun|jdk)\\.[a-z]\\w*\\.|\\w(Exception|Error)\\b|`|\\$\\w|@[0-9a-f]{5,}");

    private FailureWords() {}

    /// The reason of a failure, without a full stop.
    public static String of(Throwable failure) {
        return switch (failure) {
            case UnknownHostException _, UnresolvedAddressException _ -> "the host's name is unknown";
            case NoRouteToHostException _ -> "there is no route to the host";
            case ConnectException _ -> "the connection was refused";
            case SocketTimeoutException _, HttpTimeoutException _ -> "it did not answer in time";
            case ClosedChannelException _ -> "the connection was closed";
            case NoSuchFileException file -> "there is no " + named(file.getFile());
            case FileNotFoundException file -> "a file cannot be opened: " + said(file.getMessage());
            case AccessDeniedException file -> "permission to " + named(file.getFile()) + " is denied";
            case FileAlreadyExistsException file -> named(file.getFile()) + " exists already";
            case NotDirectoryException file -> named(file.getFile()) + " is no directory";
            case DirectoryNotEmptyException file -> named(file.getFile()) + " is not empty";
            case FileSystemException file ->
                file.getReason() == null ? named(file.getFile()) + " cannot be used" : said(file.getReason());
            case IOException io when io.getMessage() == null && io.getCause() != null -> of(io.getCause());
            default -> said(failure.getMessage());
        };
    }

    /// Tells whether a text holds names of code, as messages of libraries do.
    public static boolean namesCode(String text) {
        return CODE.matcher(text).find();
    }

    private static String named(@Nullable String file) {
        return file == null ? "file" : file;
    }

    private static String said(@Nullable String message) {
        if (message == null || message.isBlank() || namesCode(message)) {
            return UNKNOWN;
        }
        String line = message.strip().lines().findFirst().orElse(UNKNOWN);
        String whole = line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
        return whole.toLowerCase(Locale.ROOT).equals("null") ? UNKNOWN : whole;
    }
}
