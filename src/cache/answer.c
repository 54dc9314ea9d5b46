#include "cache/answer.h"

#include <math.h>

enum {
    FORM = 1,
    FORM_VECTORS = 2,
    FORM_STOPPED = 3, /* FORM, and the stop sequence that it ended at */
    PARTS_MAX = 4096,
    PART_BYTES_MIN = 1 + 5 * 4,
    STEP_HEAD_BYTES = 5
};

/* --- numbers and texts ---------------------------------------------------------------------------
 */

static void put_u32(struct buffer *out, size_t value)
{
    unsigned char bytes[4] = {(unsigned char)value, (unsigned char)(value >> 8),
                              (unsigned char)(value >> 16), (unsigned char)(value >> 24)};

    buffer_put(out, (struct text){(const char *)bytes, sizeof bytes});
}

static void put_text(struct buffer *out, struct text text)
{
    put_u32(out, text.len);
    buffer_put(out, text);
}

static uint32_t u32_at(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;

    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* What is left of some bytes; reading past their end yields nothing and marks them short. */
struct rest {
    struct text bytes;
    bool is_short;
};

static struct text take(struct rest *rest, size_t len)
{
    struct text taken = text_first(rest->bytes, len);

    if (len > rest->bytes.len) {
        rest->is_short = true;
        return (struct text){0};
    }
    rest->bytes = text_after(rest->bytes, len);
    return taken;
}

static uint32_t take_u32(struct rest *rest)
{
    struct text taken = take(rest, 4);

    return taken.len == 4 ? u32_at(taken.at) : 0;
}

static struct text take_text(struct rest *rest)
{
    return take(rest, take_u32(rest));
}

static uint8_t take_byte(struct rest *rest)
{
    struct text taken = take(rest, 1);

    return taken.len == 1 ? (uint8_t)taken.at[0] : 0;
}

/* --- whole answers -------------------------------------------------------------------------------
 */

static void put_part(struct buffer *out, const struct chat_part *part)
{
    buffer_put_byte(out, (char)part->type);
    put_text(out, part->text);
    put_text(out, part->id);
    put_text(out, part->name);
    put_text(out, part->state);
    put_text(out, text_of(part->state_of));
}

/* Each number as the four bytes of an IEEE 754 single. */
static void put_vectors(struct buffer *out, const struct chat_answer *answer)
{
    buffer_put_byte(out, FORM_VECTORS);
    put_text(out, answer->model);
    put_u32(out, answer->vector_count);
    put_u32(out, answer->dimensions);
    buffer_reserve(out, answer->vector_count * answer->dimensions * sizeof(float));
    for (size_t i = 0; i < answer->vector_count; i++)
        for (size_t at = 0; at < answer->dimensions; at++) {
            uint32_t bits;

            memcpy(&bits, &answer->vectors[i][at], sizeof bits);
            put_u32(out, bits);
        }
}

/* Without parts the content is written; with them it is what their texts make. */
void answer_write(struct buffer *out, const struct chat_answer *answer)
{
    bool parted = answer->parts != NULL;

    if (answer->vector_count > 0) {
        put_vectors(out, answer);
        return;
    }
    buffer_put_byte(out, answer->stop.len > 0 ? FORM_STOPPED : FORM);
    if (answer->stop.len > 0)
        put_text(out, answer->stop);
    buffer_put_byte(out, (char)answer->finish);
    put_text(out, answer->model);
    put_text(out, answer->refusal);
    buffer_put_byte(out, parted);
    if (!parted) {
        put_text(out, answer->content);
        return;
    }
    put_u32(out, answer->part_count);
    for (size_t i = 0; i < answer->part_count; i++)
        put_part(out, &answer->parts[i]);
}

static bool take_part(struct rest *rest, const char *(*dialect)(struct text name),
                      struct chat_part *out)
{
    struct text state, state_of;
    uint8_t type = take_byte(rest);

    *out = (struct chat_part){.type = (enum chat_part_type)type};
    out->text = take_text(rest);
    out->id = take_text(rest);
    out->name = take_text(rest);
    state = take_text(rest);
    state_of = take_text(rest);
    if (state.len > 0)
        out->state_of = dialect(state_of);
    if (out->state_of != NULL)
        out->state = state;
    return !rest->is_short && (type == CHAT_TEXT || type == CHAT_REASONING || type == CHAT_CALL);
}

/* Most answers are one text, which is then not copied. */
static struct text joined_texts(const struct chat_part *parts, size_t count, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct text only = {0};
    size_t texts = 0;

    for (size_t i = 0; i < count; i++)
        if (parts[i].type == CHAT_TEXT && texts++ == 0)
            only = parts[i].text;
    if (texts < 2)
        return only;
    for (size_t i = 0; i < count; i++)
        if (parts[i].type == CHAT_TEXT)
            buffer_put(&out, parts[i].text);
    return buffer_text(&out);
}

static bool take_parts(struct rest *rest, const char *(*dialect)(struct text name),
                       struct arena *arena, struct chat_answer *out)
{
    uint32_t count = take_u32(rest);
    struct chat_part *parts;

    if (count > PARTS_MAX || count > rest->bytes.len / PART_BYTES_MIN)
        return false;
    parts = ARENA_ARRAY(arena, struct chat_part, count + 1);
    for (uint32_t i = 0; i < count; i++)
        if (!take_part(rest, dialect, &parts[i]))
            return false;
    out->parts = parts;
    out->part_count = count;
    out->content = joined_texts(parts, count, arena);
    return true;
}

static bool take_vectors(struct rest *rest, struct arena *arena, struct chat_answer *out)
{
    const float **vectors;
    float *numbers;
    size_t all;

    *out = (struct chat_answer){.model = take_text(rest)};
    out->vector_count = take_u32(rest);
    out->dimensions = take_u32(rest);
    all = out->vector_count * out->dimensions; /* of 32 bits each: no more than 64 */
    if (rest->is_short || all == 0 || all > rest->bytes.len / 4 || all * 4 != rest->bytes.len)
        return false;
    numbers = ARENA_ARRAY(arena, float, all);
    for (size_t i = 0; i < all; i++) {
        uint32_t bits = u32_at(rest->bytes.at + 4 * i);

        memcpy(&numbers[i], &bits, sizeof bits);
        if (!isfinite(numbers[i]))
            return false;
    }
    out->vectors = vectors = ARENA_ARRAY(arena, const float *, out->vector_count);
    for (size_t i = 0; i < out->vector_count; i++)
        vectors[i] = numbers + i * out->dimensions;
    return true;
}

static bool take_said(struct rest *rest, const char *(*dialect)(struct text name), bool stopped,
                      struct arena *arena, struct chat_answer *out)
{
    struct text stop = stopped ? take_text(rest) : (struct text){0};
    uint8_t finish = take_byte(rest), parted;

    *out = (struct chat_answer){.finish = (enum chat_finish)finish, .stop = stop};
    out->model = take_text(rest);
    out->refusal = take_text(rest);
    parted = take_byte(rest);
    if (finish >= CHAT_FINISH_COUNT || parted > 1 || rest->is_short || (stopped && stop.len == 0))
        return false;
    if (!parted)
        out->content = take_text(rest);
    else if (!take_parts(rest, dialect, arena, out))
        return false;
    return !rest->is_short && rest->bytes.len == 0;
}

bool answer_read(struct text bytes, const char *(*dialect)(struct text name), struct arena *arena,
                 struct chat_answer *out)
{
    struct rest rest = {.bytes = bytes};
    uint8_t form = take_byte(&rest);

    if (form == FORM_VECTORS)
        return take_vectors(&rest, arena, out);
    return (form == FORM || form == FORM_STOPPED) &&
           take_said(&rest, dialect, form == FORM_STOPPED, arena, out);
}

/* --- steps: type (1), length of what follows (4) -------------------------------------------------
 */

void step_write(struct buffer *out, const struct chat_event *event)
{
    size_t head = out->len, len;
    char *at;

    if (event->type > CHAT_EVENT_ARGUMENTS || event->type == CHAT_EVENT_REASONING)
        return;
    buffer_put_byte(out, (char)event->type);
    put_u32(out, 0);
    put_u32(out, event->call);
    put_text(out, event->type == CHAT_EVENT_START ? event->model : event->id);
    put_text(out, event->name);
    buffer_put(out, event->text);
    len = out->len - head - STEP_HEAD_BYTES;
    at = out->at + head + 1;
    for (int i = 0; i < 4; i++)
        at[i] = (char)(len >> (8 * i));
}

size_t step_bytes(struct text bytes)
{
    size_t len;

    if (bytes.len < STEP_HEAD_BYTES)
        return 0;
    len = STEP_HEAD_BYTES + (size_t)u32_at(bytes.at + 1);
    return len <= bytes.len ? len : 0;
}

bool step_read(struct text *bytes, struct chat_event *out)
{
    size_t len = step_bytes(*bytes);
    struct rest rest = {.bytes = text_first(*bytes, len)};
    uint8_t type;

    if (len == 0)
        return false;
    type = take_byte(&rest);
    take(&rest, 4);
    *out = (struct chat_event){.type = (enum chat_event_type)type};
    out->call = take_u32(&rest);
    *(type == CHAT_EVENT_START ? &out->model : &out->id) = take_text(&rest);
    out->name = take_text(&rest);
    out->text = rest.bytes;
    if (rest.is_short || type > CHAT_EVENT_ARGUMENTS || type == CHAT_EVENT_REASONING)
        return false;
    *bytes = text_after(*bytes, len);
    return true;
}
