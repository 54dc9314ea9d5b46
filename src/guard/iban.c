/* Bank accounts (ISO 13616): the country's length and a valid check number, in one or in groups. */
#include "guard/detect.h"

enum { IBAN_CHARS_MAX = 34 };

/* The registry's countries, with the length of theirs. */
static const char lengths[][5] = {
    "AD24", "AE23", "AL28", "AT20", "AZ28", "BA20", "BE16", "BG22", "BH22", "BI27", "BR29",
    "BY28", "CH21", "CR22", "CY28", "CZ24", "DE22", "DJ27", "DK18", "DO28", "EE20", "EG29",
    "ES24", "FI18", "FK18", "FO18", "FR27", "GB22", "GE22", "GI23", "GL18", "GR27", "GT28",
    "HR21", "HU28", "IE22", "IL23", "IQ23", "IS26", "IT27", "JO30", "KW30", "KZ20", "LB28",
    "LC32", "LI21", "LT20", "LU20", "LV21", "LY25", "MC27", "MD24", "ME22", "MK19", "MN20",
    "MR27", "MT31", "MU30", "NI28", "NL18", "NO15", "OM23", "PK24", "PL28", "PS29", "PT25",
    "QA29", "RO24", "RS22", "RU33", "SA24", "SC31", "SD18", "SE24", "SI19", "SK24", "SM27",
    "SO23", "ST25", "SV28", "TL23", "TN24", "TR26", "UA29", "VA22", "VG24", "XK20", "YE30",
};

static unsigned length_of(char first, char second)
{
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (lengths[i][0] == first && lengths[i][1] == second)
            return (unsigned)(lengths[i][2] - '0') * 10 + (unsigned)(lengths[i][3] - '0');
    return 0;
}

/* ISO/IEC 7064 MOD 97-10, the first four characters being looked at last. */
static bool checks(const char *chars, unsigned count)
{
    unsigned rest = 0;

    for (unsigned i = 0; i < count; i++) {
        char byte = chars[(i + 4) % count];

        rest = byte <= '9' ? (rest * 10 + (unsigned)(byte - '0')) % 97
                           : (rest * 100 + (unsigned)(byte - 'A') + 10) % 97;
    }
    return rest == 1;
}

static uint32_t upper(uint32_t folded)
{
    return folded - 'a' < 26 ? folded & ~0x20u : folded;
}

bool detect_iban(const struct guard_spot *spot, size_t *out_end)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->start);
    char chars[IBAN_CHARS_MAX];
    unsigned count = 0, length = IBAN_CHARS_MAX;
    bool separated = true;

    if (guard_is_alnum(spot->before) || spot->word->chars < 2)
        return false;
    while (count < length) {
        uint32_t folded = upper(guard_take(&cursor));

        if (!separated && (folded == ' ' || folded == '-')) {
            separated = true;
            continue;
        }
        if (!guard_is_alnum(folded) || (count < 2 && folded <= '9') ||
            (count >= 2 && count < 4 && folded > '9'))
            return false;
        separated = false;
        chars[count++] = (char)folded;
        if (count == 2 && (length = length_of(chars[0], chars[1])) == 0)
            return false;
    }
    *out_end = cursor.at;
    return checks(chars, count) && !guard_is_alnum(guard_peek(&cursor));
}
