package io.lorica.gateway.api;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.gateway.access.ByteBudget;
import io.lorica.gateway.upstream.Refusal;
import io.lorica.gateway.upstream.RequestBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/// Reads a small body whole before a service is asked, so that a body that stalls holds no connection to one. Confined
/// to the call's event loop.
final class BodyReader {

    private static final long RETRY_AFTER_SECONDS = 5;

    private final ByteBudget budget;
    private final String caller;
    private final RequestBody body;
    private final Promise<Buffer> whole = Promise.promise();
    private final Buffer read = Buffer.buffer();
    private long taken;

    BodyReader(ByteBudget budget, String caller, RequestBody body) {
        this.budget = budget;
        this.caller = caller;
        this.body = body;
    }

    /// The body, or the failure that ended it.
    Future<Buffer> read() {
        body.handler(this::take);
        body.endHandler(end -> whole.tryComplete(read));
        body.exceptionHandler(whole::tryFail);
        body.resume();
        return whole.future();
    }

    /// Gives the memory back; called when the call is over.
    void release() {
        budget.give(caller, taken);
        taken = 0;
    }

    private void take(Buffer part) {
        if (budget.take(caller, part.length())) {
            taken += part.length();
            read.appendBuffer(part);
        } else {
            body.refuse(Refusal.later(
                    ErrorCode.RATE_LIMIT_EXCEEDED,
                    RETRY_AFTER_SECONDS,
                    "This key sends too many large bodies at once; send fewer, or try again later"
                            + " (lorica.gateway.buffer-per-key is the limit)."));
        }
    }
}
