/* chat/gather.h
 * A streamed answer put together again: takes the steps of a stream one by one and has at the end
 * what a whole answer would have said. Copies what it keeps into its arena. Bounded: texts by the
 * transport's limit on a reply, calls and parts by GATHER_PARTS_MAX, beyond which they are left
 * out. Zeroed but for its arena it is ready; there is nothing to release. */
#pragma once
#include "base/buffer.h"
#include "chat/chat.h"

enum { GATHER_PARTS_MAX = 1024 };

struct gather_part {
    struct chat_part part; /* but for its text */
    struct buffer text;
};
struct chat_gather {
    struct arena *arena; /* kept */
    struct text id, model;
    struct buffer content, refusal;
    struct gather_part *parts; /* in the order in which they began */
    size_t part_count, part_room;
    uint64_t bytes; /* of all texts, reasoning and arguments included */
    enum chat_finish finish;
    struct text stop;
    bool has_usage, done;
    struct chat_usage usage;
};

void gather_take(struct chat_gather *gather, const struct chat_event *event);
/* The answer as far as it came; its texts are valid until the next gather_take. When the model
 * called tools, the finish reason says so, whatever the provider calls it (a cut answer stays cut).
 * Usage that was not reported is left to the caller to estimate. */
void gather_answer(const struct chat_gather *gather, struct chat_answer *out);
