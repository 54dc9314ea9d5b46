/* gateway/call_states.h
 * What a provider wants back with the calls of its model and clients of a slug cannot carry: the
 * model's reasoning and opaque states (signatures, encrypted reasoning) of the assistant message
 * that called. Kept from the answer until the same caller sends the calls again with their results.
 *
 * An entry is found by the caller's token, the endpoint, the whole conversation in front of the
 * message, and the id of its first call, all as one SHA-256: ids alone are not unique (some models
 * count their calls from 0), and nothing of one conversation may get into another. A conversation
 * that was changed on its way therefore loses its states, which providers bear.
 *
 * In memory, of this process. Bounded: 64 MiB and 20,000 answers, the one unused longest goes
 * first; an answer with more than 512 KiB is not kept; each lives an hour from its last use. Safe
 * for all threads; the lock is held for a look-up and the copy of one answer. Time is an argument.
 */
#pragma once
#include "chat/chat.h"

struct call_states;
struct call_states_limits {
    size_t entries;      /* 0: 20,000 */
    size_t bytes;        /* of all; 0: 64 MiB */
    size_t answer_bytes; /* of one; 0: 512 KiB */
    uint64_t ttl_ms;     /* 0: an hour */
};
/* NULL limits: the defaults. Never NULL. */
struct call_states *call_states_new(const struct call_states_limits *limits);
void call_states_free(struct call_states *states); /* NULL does nothing */

/* Whose calls they are. */
struct call_owner {
    struct text token_id, endpoint;
};
/* Keeps what is to be put back of an answer's parts, if it called and there is anything; the
 * conversation is what a client can send again: without what the gateway put into it on its own. */
void call_states_keep(struct call_states *states, const struct call_owner *owner,
                      const struct chat_message *conversation, size_t count,
                      const struct chat_part *parts, size_t part_count, uint64_t now_ms);
/* Puts it back: assistant messages that called, and are known, get other parts, in the arena. The
 * client's own texts and calls are left as they are. */
void call_states_restore(struct call_states *states, const struct call_owner *owner,
                         struct chat_message *messages, size_t count, struct arena *arena,
                         uint64_t now_ms);

size_t call_states_count(struct call_states *states);
