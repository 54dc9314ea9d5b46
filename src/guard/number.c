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
    bool has_digit = false;

    for (;;) {
        struct guard_cursor before = *cursor;
        uint32_t folded = upper(guard_take(cursor));

        if (!guard_is_alnum(folded)) {
            *cursor = before;
            break;
        }
        if (to == end)
            return false;
        has_digit |= folded <= '9';
        number->digits &= folded <= '9';
        *to++ = (char)folded;
        if (number->count > 0 && !has_digit && to - start > 1)
            return false;
    }
    if (to == start)
        return false;
    number->groups[number->count].chars = (uint8_t)(to - number->chars);
    number->groups[number->count].end = cursor->at;
    number->groups[number->count++].behind = '\0';
    return true;
}

void number_read(const struct guard_spot *spot, struct guard_number *out)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->start);

    out->count = 0;
    out->digits = true;
    while (out->count < NUMBER_GROUPS_MAX) {
        struct guard_cursor before = cursor;
        uint32_t folded;

        if (!read_group(&cursor, out)) {
            if (out->count > 0 && out->groups[out->count - 1].behind != ' ' &&
                guard_is_alnum(guard_peek(&before)))
                out->groups[out->count - 1].behind = NUMBER_GLUED;
            break;
        }
        folded = guard_peek(&cursor);
        if (!is_separator(folded))
            break;
        out->groups[out->count - 1].behind = (char)folded;
        guard_take(&cursor);
    }
    out->chars[out->count > 0 ? out->groups[out->count - 1].chars : 0] = '\0';
}

int number_ends(const struct guard_number *number, unsigned chars)
{
    for (int i = 0; i < number->count && number->groups[i].chars <= chars; i++) {
        char behind = number->groups[i].behind;

        if (number->groups[i].chars == chars)
            return behind != NUMBER_GLUED &&
                           (i + 1 == number->count || behind == ' ' || behind == '\0')
                       ? i
                       : -1;
    }
    return -1;
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

/* Whether it stands behind another number, from which a space parts it. */
bool spot_in_a_row(const struct guard_spot *spot)
{
    struct text context = spot->context;
    size_t len = context.len;

    while (len > 0 && context.at[len - 1] == ' ')
        len--;
    return len > 0 && len < context.len && context.at[len - 1] >= '0' && context.at[len - 1] <= '9';
}

/* --- words in front ------------------------------------------------------------------------------
 */

enum { HINT_WORDS_MAX = 40, HINT_WORDS_BACK = 6 };

static const char *const hint_words[HINT_COUNT][HINT_WORDS_MAX] = {
    [HINT_PHONE] = {"phone",     "phones",      "telephone", "tel",         "call",
                    "mobile",    "mob",         "cell",      "cellphone",   "fax",
                    "whatsapp",  "sms",         "dial",      "telefon",     "telefonnummer",
                    "handy",     "handynummer", "mobil",     "mobilnummer", "fon",
                    "rufnummer", "anrufen",     "appeler",   "telefono",    "movil",
                    "celular",   "llamar",      "cellulare", "chiamare",    "telefone",
                    "telemovel", "telefoon",    "bellen",    "komorka",     "puhelin"},
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
    [HINT_VERSION] = {"version",   "versions", "ver",       "v",        "release", "released",
                      "firmware",  "build",    "section",   "sections", "chapter", "clause",
                      "paragraph", "kapitel",  "abschnitt", "oid",      "figure",  "upgrade",
                      "tag",       "rev",      "revision"},
};
static uint64_t hint_hashes[HINT_COUNT][HINT_WORDS_MAX];
static pthread_once_t hashed = PTHREAD_ONCE_INIT;

static void hash_words(void)
{
    for (int hint = 0; hint < HINT_COUNT; hint++)
        for (int i = 0; i < HINT_WORDS_MAX && hint_words[hint][i] != NULL; i++) {
            struct guard_view view = {.text = text_of(hint_words[hint][i]), .ended = true};
            struct guard_word word;

            if (guard_word_at(&view, 0, &word))
                hint_hashes[hint][i] = word.hash;
        }
}

static bool is_hint(enum guard_hint hint, uint64_t hash)
{
    for (int i = 0; i < HINT_WORDS_MAX && hint_hashes[hint][i] != 0; i++)
        if (hint_hashes[hint][i] == hash)
            return true;
    return false;
}

/* Whether one of the last words of a text is a hint. */
static bool hints(struct text text, enum guard_hint hint)
{
    struct guard_view view = {.text = text, .ended = true};
    bool found[HINT_WORDS_BACK] = {false};
    struct guard_word word;
    unsigned count = 0;
    size_t at = 0;

    while (at < text.len) {
        if (guard_word_at(&view, at, &word))
            found[count++ % HINT_WORDS_BACK] = is_hint(hint, word.hash);
        at = word.end > at ? word.end : at + 1;
    }
    for (unsigned i = 0; i < HINT_WORDS_BACK; i++)
        if (found[i])
            return true;
    return false;
}

/* Nothing but what has come whole is read. */
bool spot_hinted(const struct guard_spot *spot, enum guard_hint hint)
{
    if (hint == HINT_NEVER)
        return false;
    pthread_once(&hashed, hash_words);
    return hints(spot->context, hint) || hints(spot->name, hint);
}
