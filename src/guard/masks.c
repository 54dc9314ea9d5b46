#include "guard/masks.h"

#include "base/check.h"

#include <openssl/hmac.h>

enum { TAG_CHARS = 5, FIRST_ROOM = 16 };

static uint64_t hash_value(struct text word, struct text value)
{
    return text_hash(value) ^ text_hash(word) * UINT64_C(0x9E3779B97F4A7C15);
}

static void insert(uint32_t *table, size_t mask, uint64_t hash, uint32_t item)
{
    size_t at = (size_t)hash & mask;

    while (table[at] != 0)
        at = (at + 1) & mask;
    table[at] = item + 1;
}

/* Tables are twice as large as there is room for items, so there is always a free place. */
static void make_room(struct guard_masks *masks)
{
    size_t room = masks->room > 0 ? masks->room * 2 : FIRST_ROOM;

    if (masks->count < masks->room)
        return;
    masks->items = arena_grow(masks->arena, masks->items, masks->room * sizeof *masks->items,
                              room * sizeof *masks->items);
    masks->room = room;
    masks->mask = room * 2 - 1;
    masks->by_value = ARENA_ARRAY(masks->arena, uint32_t, room * 2);
    masks->by_placeholder = ARENA_ARRAY(masks->arena, uint32_t, room * 2);
    for (uint32_t i = 0; i < masks->count; i++) {
        const struct guard_mask *item = &masks->items[i];

        insert(masks->by_value, masks->mask, hash_value(item->word, item->value), i);
        insert(masks->by_placeholder, masks->mask, text_hash(item->placeholder), i);
    }
}

static const struct guard_mask *find_value(const struct guard_masks *masks, struct text word,
                                           struct text value)
{
    if (masks->room == 0)
        return NULL;
    for (size_t at = (size_t)hash_value(word, value) & masks->mask; masks->by_value[at] != 0;
         at = (at + 1) & masks->mask) {
        const struct guard_mask *item = &masks->items[masks->by_value[at] - 1];

        if (text_equal(item->value, value) && text_equal(item->word, word))
            return item;
    }
    return NULL;
}

bool guard_masks_find(const struct guard_masks *masks, struct text placeholder,
                      struct text *out_value)
{
    if (masks->room == 0)
        return false;
    for (size_t at = (size_t)text_hash(placeholder) & masks->mask; masks->by_placeholder[at] != 0;
         at = (at + 1) & masks->mask) {
        const struct guard_mask *item = &masks->items[masks->by_placeholder[at] - 1];

        if (text_equal(item->placeholder, placeholder)) {
            *out_value = item->value;
            return true;
        }
    }
    return false;
}

/* Five characters out of 32, and another five where another value has drawn them. */
static void draw_tag(const struct guard_masks *masks, struct text word, struct text value,
                     unsigned turn, char out[TAG_CHARS])
{
    static const char digits[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct text data =
        arena_printf(masks->arena, "%.*s %u %.*s", TEXT_ARG(word), turn, TEXT_ARG(value));
    unsigned len = 0;

    CHECK(HMAC(EVP_sha256(), masks->key, MASK_KEY_BYTES, (const unsigned char *)data.at, data.len,
               digest, &len) != NULL &&
          len >= TAG_CHARS);
    for (int i = 0; i < TAG_CHARS; i++)
        out[i] = digits[digest[i] % 32];
}

static struct text new_placeholder(const struct guard_masks *masks, struct text word,
                                   struct text value)
{
    struct text placeholder, other;
    char tag[TAG_CHARS];

    for (unsigned turn = 1;; turn++) {
        if (masks->keyed) {
            draw_tag(masks, word, value, turn, tag);
            placeholder = arena_printf(masks->arena, "[%.*s_%.*s]", TEXT_ARG(word), TAG_CHARS, tag);
        } else {
            placeholder =
                arena_printf(masks->arena, "[%.*s_%zu]", TEXT_ARG(word), masks->count + turn);
        }
        if (!guard_masks_find(masks, placeholder, &other))
            return placeholder;
    }
}

/* Numbers go on over all kinds, so that no count has to be kept for each. */
struct text guard_masks_put(struct guard_masks *masks, struct text word, struct text value)
{
    const struct guard_mask *known = find_value(masks, word, value);
    struct guard_mask *item;
    uint32_t at;

    if (known != NULL)
        return known->placeholder;
    make_room(masks);
    at = (uint32_t)masks->count;
    item = &masks->items[at];
    *item = (struct guard_mask){word, arena_copy(masks->arena, value),
                                new_placeholder(masks, word, value)};
    masks->count++;
    insert(masks->by_value, masks->mask, hash_value(word, value), at);
    insert(masks->by_placeholder, masks->mask, text_hash(item->placeholder), at);
    return item->placeholder;
}

static bool is_word(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

size_t guard_placeholder(struct text text)
{
    size_t at = 1, mark = 0;

    if (text.len == 0 || text.at[0] != '[')
        return 0;
    while (at < text.len && at < MASK_BYTES_MAX && is_word(text.at[at])) {
        if (text.at[at] == '_')
            mark = at;
        at++;
    }
    return mark > 1 && mark + 1 < at && at < text.len && text.at[at] == ']' ? at + 1 : 0;
}
