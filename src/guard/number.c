/* What the detectors of numbers share: groups of letters and digits, and the words in front. */
#include "guard/detect.h"

#include <pthread.h>

/* --- groups --------------------------------------------------------------------------------------
 */

static bool is_separator(uint32_t folded)
{
    return folded == ' ' || folded == '-' || folded == '.' || folded == '/' || folded == '+';
}

static uint32_t upper(uint32_t folded)
{
    return folded - 'a' < 26 ? folded & ~0x20u : folded;
}

/* The next group; false when there is none that could belong to the number: behind the first, a
 * group has a digit or is a single letter. The cursor stands behind it. */
static bool read_group(struct guard_cursor *cursor, struct guard_number *number)
{
    char *start = number->chars + (number->count > 0 ? number->groups[number->count - 1].chars : 0);
    char *to = start, *end = number->chars + NUMBER_CHARS_MAX;
    size_t from = cursor->at;
    bool has_digit = false;

    for (;;) {
        struct guard_cursor before = *cursor;
        uint32_t folded = upper(guard_take(cursor));

        if (!guard_is_alnum(folded)) {
            *cursor = before;
            break;
        }
        if (to == end) {
            number->open = true;
            return false;
        }
        has_digit |= folded <= '9';
        *to++ = (char)folded;
        if (number->count > 0 && !has_digit && to - start > 1)
            return false;
    }
    if (to == start)
        return false;
    number->groups[number->count].chars = (uint8_t)(to - number->chars);
    number->groups[number->count].start = from;
    number->groups[number->count].end = cursor->at;
    number->groups[number->count++].behind = '\0';
    return true;
}

/* Reads on behind the last group that there is. */
static void read_on(struct guard_cursor *cursor, struct guard_number *number)
{
    number->open = false;
    while (number->count < NUMBER_GROUPS_MAX) {
        struct guard_cursor before;
        uint32_t folded;

        if (number->count > 0) {
            folded = guard_peek(cursor);
            if (!is_separator(folded))
                return;
            number->groups[number->count - 1].behind = (char)folded;
            guard_take(cursor);
        }
        before = *cursor;
        if (read_group(cursor, number))
            continue;
        if (number->count > 0 && number->groups[number->count - 1].behind != ' ' &&
            guard_is_alnum(guard_peek(&before)))
            number->groups[number->count - 1].behind = NUMBER_GLUED;
        return;
    }
    number->open = true;
}

/* What was read for an earlier spot, from this one on; false when there is nothing of it. */
static bool shift(struct guard_number *number, size_t start)
{
    uint8_t gone, from = 0;

    while (from < number->count && number->groups[from].start != start)
        from++;
    if (from == 0 || from >= number->count)
        return from < number->count;
    gone = number->groups[from - 1].chars;
    number->count = (uint8_t)(number->count - from);
    memmove(number->chars, number->chars + gone, NUMBER_CHARS_MAX + 1 - gone);
    memmove(number->groups, number->groups + from, number->count * sizeof *number->groups);
    for (int i = 0; i < number->count; i++)
        number->groups[i].chars = (uint8_t)(number->groups[i].chars - gone);
    return true;
}

static void find_ends(struct guard_number *number)
{
    memset(number->ends, -1, sizeof number->ends);
    for (int i = 0; i < number->count; i++) {
        char behind = number->groups[i].behind;

        if (behind != NUMBER_GLUED && (i + 1 == number->count || behind == ' ' || behind == '\0'))
            number->ends[number->groups[i].chars] = (int8_t)i;
    }
    number->digits = (uint8_t)strspn(number->chars, "0123456789");
}

void number_read(const struct guard_spot *spot, struct guard_number *number)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->start);
    bool known = shift(number, spot->word->start);

    if (known && !number->open)
        cursor.at = SIZE_MAX;
    else if (known)
        cursor.at = number->groups[number->count - 1].end;
    else
        number->count = 0;
    if (cursor.at != SIZE_MAX)
        read_on(&cursor, number);
    number->chars[number->count > 0 ? number->groups[number->count - 1].chars : 0] = '\0';
    find_ends(number);
    if (spot->view->cut) /* what comes may go on with it */
        number->count = 0;
}

bool number_grouped(const struct guard_number *number, int last, const char *sizes)
{
    int from = 0;

    for (int i = 0; i <= last; i++) {
        int to = number->groups[i].chars;

        if (sizes[i] == '\0' || to - from != sizes[i] - '0' ||
            (i < last && number->groups[i].behind != number->groups[0].behind))
            return false;
        from = to;
    }
    return sizes[last + 1] == '\0';
}

bool luhn_valid(const char *digits, size_t count)
{
    unsigned sum = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(digits[count - 1 - i] - '0');

        if (i % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

/* --- words in front ------------------------------------------------------------------------------
 */

enum { HINT_WORDS_MAX = 40, HINT_SLOTS = 1 << 9, FILTER_BITS = 1 << 12 };

static const char *const hint_words[HINT_COUNT][HINT_WORDS_MAX] = {
    [HINT_PHONE] = {"phone",     "phones",      "telephone", "tel",       "call",
                    "mobile",    "mob",         "cell",      "cellphone", "fax",
                    "whatsapp",  "sms",         "dial",      "telefon",   "telefonnummer",
                    "handy",     "handynummer", "mobil",     "fon",       "mobilnummer",
                    "rufnummer", "anrufen",     "appeler",   "telefono",  "movil",
                    "celular",   "llamar",      "cellulare", "chiamare",  "telefone",
                    "telemovel", "telefoon",    "bellen",    "komorka",   "puhelin"},
    [HINT_SSN] = {"ssn", "social", "security", "itin", "tin"},
    [HINT_NHS] = {"nhs"},
    [HINT_BSN] = {"bsn", "burgerservicenummer", "sofinummer", "sofi"},
    [HINT_AADHAAR] = {"aadhaar", "aadhar", "uid", "uidai", "adhar"},
    [HINT_SE] = {"personnummer", "pnr", "samordningsnummer"},
    [HINT_CPR] = {"cpr", "personnummer"},
    [HINT_SVNR] = {"svnr", "sozialversicherungsnummer", "sv", "versicherungsnummer"},
    [HINT_NIF] = {"nif", "contribuinte", "fiscal"},
    [HINT_PPS] = {"pps", "ppsn"},
    [HINT_SIN] = {"sin", "nas"},
    [HINT_TFN] = {"tfn", "tax"},
    [HINT_OIB] = {"oib"},
    [HINT_EGN] = {"egn", "егн"},
    [HINT_RRN] = {"rrn", "resident", "registration"},
    [HINT_VERSION] = {"version",  "versions",  "ver",       "v",        "release", "released",
                      "firmware", "build",     "section",   "sections", "chapter", "clause",
                      "kapitel",  "paragraph", "abschnitt", "oid",      "figure",  "upgrade",
                      "tag",      "rev",       "revision"},
    [HINT_SECRET] = {"secret", "secretkey", "secretaccesskey", "aws", "awssecretaccesskey"},
};
/* Which hints each of the words is, by its hash; and which hashes there may be at all. */
static struct {
    uint64_t hash; /* 0: free */
    uint32_t hints;
} slots[HINT_SLOTS];
static uint64_t filter[FILTER_BITS / 64];
static pthread_once_t hashed = PTHREAD_ONCE_INIT;

static size_t slot_of(uint64_t hash)
{
    size_t at = (size_t)(hash >> 40) % HINT_SLOTS;

    while (slots[at].hash != 0 && slots[at].hash != hash)
        at = (at + 1) % HINT_SLOTS;
    return at;
}

static void hash_words(void)
{
    for (int hint = 0; hint < HINT_COUNT; hint++)
        for (int i = 0; i < HINT_WORDS_MAX && hint_words[hint][i] != NULL; i++) {
            struct guard_view view = {.text = text_of(hint_words[hint][i]), .ended = true};
            struct guard_word word;
            size_t at;

            if (!guard_word_at(&view, 0, &word))
                continue;
            at = slot_of(word.hash);
            slots[at].hash = word.hash;
            slots[at].hints |= 1u << hint;
            filter[(word.hash >> 52) / 64] |= UINT64_C(1) << (word.hash >> 52) % 64;
        }
}

void guard_hints_prepare(void)
{
    pthread_once(&hashed, hash_words);
}

uint32_t guard_hints_of(uint64_t hash)
{
    if ((filter[(hash >> 52) / 64] >> (hash >> 52) % 64 & 1) == 0)
        return 0;
    return slots[slot_of(hash)].hints;
}

uint32_t guard_hints_in(struct text text)
{
    struct guard_view view = {.text = text, .ended = true};
    struct guard_word word;
    uint32_t hints = 0;

    for (size_t at = 0; at<text.len; at = word.end> at ? word.end : at + 1)
        if (guard_word_at(&view, at, &word))
            hints |= guard_hints_of(word.hash);
    return hints;
}
