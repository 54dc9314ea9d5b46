/* Bytes are appended to a place of fixed size, so a violation costs no more than its own text,
 * however long the names and values are that it speaks of. */
#include "schema/words.h"

#include "document/json_write.h"

enum { CELLS_SHOWN = 64, STRING_SHOWN = EXPECTED_BYTES };

void words_put_part(struct words *words, struct text text)
{
    words->cut = true;
    words_put(words, text_first(text, words->most - words->len));
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

void words_put_count(struct words *words, uint64_t count, struct text noun)
{
    words_put_u64(words, count);
    words_put(words, TEXT(" "));
    words_put(words, noun);
    if (count != 1)
        words_put(words, TEXT("s"));
}

/* Bytes before the first control character, eight at a time. */
static size_t printable_bytes(struct text text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t at = 0;

    for (; text.len - at >= 8; at += 8) {
        uint64_t word, del;

        memcpy(&word, text.at + at, 8);
        del = word ^ (ones * 0x7F);
        if ((((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & (ones * 0x80))
            break;
    }
    while (at < text.len && (unsigned char)text.at[at] >= 0x20 && text.at[at] != 0x7F)
        at++;
    return at;
}

void words_put_name(struct words *words, struct text name, size_t most)
{
    static const char hex[] = "0123456789abcdef";
    struct text shown = name.len > most ? text_cut(name, most - 3) : name;

    for (size_t at = 0; at < shown.len; at++) {
        struct text rest = text_after(shown, at);
        size_t plain = printable_bytes(rest);
        unsigned char byte;

        words_put(words, text_first(rest, plain));
        at += plain;
        if (at == shown.len)
            break;
        byte = (unsigned char)shown.at[at];
        words_put(words,
                  (struct text){(char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6});
    }
    if (shown.len < name.len)
        words_put(words, TEXT("..."));
}

/* What a fragment holds as it is (RFC 3986 section 3.5), but for '~' and '/', which pointers
 * escape: each in its place, and blanks where others would be. */
static const char fragment_bytes[256] = "                                "
                                        " !  $ &'()*+,-. 0123456789:; = ?"
                                        "@ABCDEFGHIJKLMNOPQRSTUVWXYZ    _"
                                        " abcdefghijklmnopqrstuvwxyz     ";

/* How many bytes from `from` on every pointer has as they are. */
static size_t plain_bytes(struct text token, size_t from)
{
    size_t at = from;

    while (at < token.len && fragment_bytes[(unsigned char)token.at[at]] > ' ')
        at++;
    return at - from;
}

static void put_special(struct words *words, char byte)
{
    static const char hex[] = "0123456789ABCDEF";
    char escape[3] = {'%', hex[(unsigned char)byte >> 4], hex[byte & 15]};

    if (byte == '~') {
        words_put(words, TEXT("~0"));
    } else if (byte == '/') {
        words_put(words, TEXT("~1"));
    } else if (words->fragment) {
        words_put(words, (struct text){escape, sizeof escape});
    } else {
        words_put(words, (struct text){&byte, 1});
        words->special = true;
    }
}

void words_put_token(struct words *words, struct text token)
{
    words_put(words, TEXT("/"));
    for (size_t at = 0; at < token.len && !words->cut; at++) {
        size_t plain = plain_bytes(token, at);

        words_put(words, (struct text){token.at + at, plain});
        at += plain;
        if (at < token.len)
            put_special(words, token.at[at]);
    }
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

void words_put_json(struct words *words, const struct document *document, uint32_t at,
                    struct buffer *scratch)
{
    const struct cell *cell = document_cell(document, at);

    scratch->len = 0;
    if (cell->type == CELL_STRING) {
        json_put_string(scratch, text_cut(cell_text(cell), STRING_SHOWN));
        words_put(words, buffer_text(scratch));
    } else if (document_next(document, at) - at <= CELLS_SHOWN) {
        json_put_cell(scratch, document, at);
        words_put(words, buffer_text(scratch));
    } else {
        words_put(words, cell->type == CELL_ARRAY ? TEXT("a certain array of ")
                                                  : TEXT("a certain object of "));
        words_put_count(words, cell->size, cell->type == CELL_ARRAY ? TEXT("item") : TEXT("field"));
    }
}

static void put_more(struct words *words, size_t count)
{
    words_put(words, TEXT(" and "));
    words_put_u64(words, count);
    words_put(words, TEXT(" more"));
}

void words_put_values(struct words *words, const struct document *document, uint32_t array,
                      struct buffer *scratch)
{
    uint32_t count = document_cell(document, array)->size, at = array + 1, told = 0;

    for (; told < count && told < CHOICES_TOLD && !words->cut; told++) {
        words_put(words, told > 0 ? TEXT(", ") : TEXT(""));
        words_put_json(words, document, at, scratch);
        at = document_next(document, at);
    }
    if (told < count)
        put_more(words, count - told);
    if (count == 0)
        words_put(words, TEXT("no value"));
}

void words_put_names(struct words *words, const struct text *names, size_t count,
                     struct text last_word)
{
    size_t told = count < CHOICES_TOLD ? count : CHOICES_TOLD;

    for (size_t i = 0; i < told; i++) {
        if (i > 0)
            words_put(words, i + 1 == count ? last_word : TEXT(", "));
        words_put(words, TEXT("'"));
        words_put_name(words, names[i], NAME_SHOWN);
        words_put(words, TEXT("'"));
    }
    if (told < count)
        put_more(words, count - told);
}

struct text words_end(struct words *words)
{
    if (words->cut) {
        size_t keep = words->most - 3;

        /* Never inside a code point; what is there is whole UTF-8 but for the end. */
        while (keep > 0 && ((unsigned char)words->at[keep] & 0xC0) == 0x80)
            keep--;
        memcpy(words->at + keep, "...", 3);
        words->len = keep + 3;
    }
    words->at[words->len] = '\0';
    return words_text(words);
}
