/* Most pieces of a long string are nothing but more of it. One of a token's size is taken here in
 * two looks of sixteen bytes, which may overlap; whatever is out of the ordinary takes the long
 * way. */
#include "document/json_push_internal.h"

#include "document/json_push_block.h"

#ifdef __SSE2__
enum { LOOK_BYTES = 16, CONTINUING_LOW = 0x80, CONTINUING_HIGH = 0xBF };

/* The bits of a piece of `len` bytes from those of its first and of its last look. */
static inline uint64_t joined(uint64_t first, uint64_t last, size_t len)
{
    return first | last << (len - LOOK_BYTES);
}

/* Takes the bytes of a piece beyond ASCII: whole sequences of two or three bytes, the rest of one
 * that was cut and the start of one that is cut now. False, and nothing is taken, where there is
 * anything else. */
static bool take_sequences(struct json_push *push, struct text piece, uint64_t high,
                           uint64_t continuing)
{
    struct leads first = look_at_leads(piece.at);
    struct leads last = look_at_leads(piece.at + piece.len - LOOK_BYTES);
    uint64_t two = joined(first.two, last.two, piece.len);
    uint64_t three = joined(first.three, last.three, piece.len);
    uint64_t expected = (two | three) << 1 | three << 2 | ((UINT64_C(1) << push->tail) - 1),
             cut = expected >> piece.len;

    if (push->tail > 0 && (push->tail_low != CONTINUING_LOW || push->tail_high != CONTINUING_HIGH))
        return false;
    if ((two | three | continuing) != high || (expected ^ cut << piece.len) != continuing)
        return false;
    push->high = true;
    push->tail = (uint8_t)((cut & 1) + (cut >> 1));
    push->tail_low = CONTINUING_LOW;
    push->tail_high = CONTINUING_HIGH;
    return true;
}

bool json_push_feed_quiet(struct json_push *push, struct text piece)
{
    struct block first, last;
    uint64_t high, continuing;
    size_t points = piece.len;

    if (push->state != PUSH_STRING || push->token_state != STRING_PLAIN || push->gathering ||
        piece.len < LOOK_BYTES || piece.len > 2 * LOOK_BYTES ||
        push->points + piece.len > push->told_above ||
        push_byte(push, push->end) + piece.len > PUSH_BYTES_MAX)
        return false;
    first = look_at(piece.at);
    last = look_at(piece.at + piece.len - LOOK_BYTES);
    if ((first.stops | last.stops) != 0)
        return false;
    high = joined(first.high, last.high, piece.len);
    if ((high | push->tail) != 0) {
        continuing = joined(first.continuing, last.continuing, piece.len);
        if (!take_sequences(push, piece, high, continuing))
            return false;
        points -= count_ones(continuing);
    }
    push->run_known = false;
    push->points += points;
    push->before += (size_t)(push->end - push->piece) + piece.len;
    push->piece = push->at = push->end;
    return true;
}
#else
bool json_push_feed_quiet(struct json_push *push, struct text piece)
{
    (void)push, (void)piece;
    return false;
}
#endif
