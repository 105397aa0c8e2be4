/// Conversations: who said what, with the reasoning beside the answer.
@NullMarked
package io.lorica.contracts.chat;

import org.jspecify.annotations.NullMarked;
