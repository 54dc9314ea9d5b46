/* gateway/call_states_mend.h
 * Private to call_states*.c. */
#pragma once
#include "chat/chat.h"

/* Gives an assistant message, as its client told it again, the parts that were kept of it: thoughts
 * where they stood, states on the calls of the same id and name, and on texts that are still what
 * the model wrote. The new parts are in the arena. */
void call_states_mend(struct chat_message *message, const struct chat_part *kept, size_t kept_count,
                      struct arena *arena);
