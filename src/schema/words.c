/* Bytes are appended to a place of fixed size, so a violation costs no more than its own text,
 * however long the names and values are that it speaks of. */
#include "schema/words.h"

#include "document/json_write.h"

enum { CELLS_SHOWN = 64, STRING_SHOWN = EXPECTED_BYTES };

void words_put(struct words *words, struct text text)
{
    size_t room = words->most - words->len;

    if (text.len > room) {
        words->cut = true;
        text.len = room;
    }
    if (text.len > 0)
        memcpy(words->at + words->len, text.at, text.len);
    words->len += text.len;
}

void words_put_u64(struct words *words, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    words_put(words, (struct text){digits + at, sizeof digits - at});
}

void words_put_cut(struct words *words, struct text text, size_t most)
{
    if (text.len <= most) {
        words_put(words, text);
        return;
    }
    words_put(words, text_cut(text, most - 3));
    words_put(words, TEXT("..."));
}

void words_put_count(struct words *words, uint64_t count, const char *noun)
{
    words_put_u64(words, count);
    words_put(words, TEXT(" "));
    words_put(words, text_of(noun));
    if (count != 1)
        words_put(words, TEXT("s"));
}

void words_put_name(struct words *words, struct text name, size_t most)
{
    static const char hex[] = "0123456789abcdef";
    struct text shown = text_cut(name, name.len > most ? most - 3 : most);
    size_t from = 0;

    for (size_t i = 0; i < shown.len; i++) {
        unsigned char byte = (unsigned char)shown.at[i];
        char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};

        if (byte >= 0x20 && byte != 0x7F)
            continue;
        words_put(words, (struct text){shown.at + from, i - from});
        words_put(words, (struct text){escape, sizeof escape});
        from = i + 1;
    }
    words_put(words, text_after(shown, from));
    if (shown.len < name.len)
        words_put(words, TEXT("..."));
}

/* What a fragment holds as it is (RFC 3986 section 3.5), but for '~', which pointers escape. */
static bool is_plain(const struct words *words, unsigned char byte)
{
    if (byte == '~' || byte == '/')
        return false;
    if (!words->fragment || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
        (byte >= 'A' && byte <= 'Z'))
        return true;
    return byte != 0 && strchr("-._!$&'()*+,;=:@?", byte) != NULL;
}

static void put_special(struct words *words, unsigned char byte)
{
    static const char hex[] = "0123456789ABCDEF";
    char escape[3] = {'%', hex[byte >> 4], hex[byte & 15]};

    if (byte == '~')
        words_put(words, TEXT("~0"));
    else if (byte == '/')
        words_put(words, TEXT("~1"));
    else
        words_put(words, (struct text){escape, sizeof escape});
}

void words_put_token(struct words *words, struct text token)
{
    size_t from = 0;

    words_put(words, TEXT("/"));
    for (size_t i = 0; i < token.len && !words->cut; i++) {
        if (is_plain(words, (unsigned char)token.at[i]))
            continue;
        words_put(words, (struct text){token.at + from, i - from});
        put_special(words, (unsigned char)token.at[i]);
        from = i + 1;
    }
    words_put(words, text_after(token, from));
}

static uint32_t next(const struct cell *cells, uint32_t at)
{
    return cells[at].type >= CELL_ARRAY ? cells[at].end : at + 1;
}

/* The child of a container that `at` is or is in, with its token. */
static uint32_t put_step(struct words *words, const struct cell *cells, uint32_t container,
                         uint32_t at)
{
    uint32_t child = container + 1, index = 0;

    if (cells[container].type == CELL_ARRAY) {
        for (; next(cells, child) <= at; child = next(cells, child))
            index++;
        words_put(words, TEXT("/"));
        words_put_u64(words, index);
        return child;
    }
    while (next(cells, child + 1) <= at)
        child = next(cells, child + 1);
    words_put_token(words, cell_text(&cells[child]));
    return at == child ? at : child + 1;
}

uint32_t words_put_pointer(struct words *words, const struct cell *cells, uint32_t root,
                           uint32_t at)
{
    uint32_t container = root;

    for (uint32_t here = root; here != at;) {
        container = here;
        here = put_step(words, cells, container, at);
    }
    return container;
}

static void put_string(struct words *words, struct text text, struct arena *scratch)
{
    struct buffer out = buffer_in(scratch);

    json_put_string(&out, text_cut(text, STRING_SHOWN));
    words_put(words, buffer_text(&out));
}

void words_put_json(struct words *words, const struct document *document, uint32_t at,
                    struct arena *scratch)
{
    const struct cell *cell = document_cell(document, at);
    struct buffer out = buffer_in(scratch);

    if (cell->type == CELL_STRING) {
        put_string(words, cell_text(cell), scratch);
    } else if (document_next(document, at) - at <= CELLS_SHOWN) {
        json_put_cell(&out, document, at);
        words_put(words, buffer_text(&out));
    } else {
        words_put(words, cell->type == CELL_ARRAY ? TEXT("a certain array of ")
                                                  : TEXT("a certain object of "));
        words_put_count(words, cell->size, cell->type == CELL_ARRAY ? "item" : "field");
    }
}

struct text words_end(struct words *words, struct arena *arena)
{
    struct text text = words_text(words);

    if (words->cut) {
        size_t keep = words->most - 3;

        /* Never inside a code point; what is there is whole UTF-8 but for the end. */
        while (keep > 0 && ((unsigned char)words->at[keep] & 0xC0) == 0x80)
            keep--;
        memcpy(words->at + keep, "...", 3);
        text.len = keep + 3;
    }
    return arena_copy(arena, text);
}
