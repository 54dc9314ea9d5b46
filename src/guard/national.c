/* Numbers that states give to people: by form first, then by check digits and dates (in
 * national_checks.c). Where neither is enough to tell one from any other number, a word in front
 * must say what it is. */
#include "guard/detect.h"

#include <pthread.h>

/* How a number may be written besides in one run: `shapes` are sizes of its groups, each with the
 * separators that may part them. */
struct shape {
    char sizes[8];
    char by[6];
};
struct form {
    enum guard_pii_kind kind;
    const char *chars; /* d: a digit, A: a letter, *: either */
    bool run;          /* in one run it needs no word in front */
    enum guard_hint hint;
    struct shape shapes[3]; /* which need none either */
};

/* clang-format off */
static const struct form forms[] = {
    {PII_IE_PPS,     "dddddddA",           false, HINT_PPS,     {{"", ""}}},
    {PII_CL_RUT,     "ddddddd*",           false, HINT_NEVER,   {{"1331", ".-"}, {"71", "-"}}},
    {PII_CL_RUT,     "dddddddd*",          false, HINT_NEVER,   {{"2331", ".-"}, {"81", "-"}}},
    {PII_US_SSN,     "ddddddddd",          false, HINT_SSN,     {{"324", "- "}}},
    {PII_NL_BSN,     "ddddddddd",          false, HINT_BSN,     {{"", ""}}},
    {PII_CA_SIN,     "ddddddddd",          false, HINT_SIN,     {{"333", "- "}}},
    {PII_AU_TFN,     "ddddddddd",          false, HINT_TFN,     {{"", ""}}},
    {PII_PT_NIF,     "ddddddddd",          false, HINT_NIF,     {{"", ""}}},
    {PII_IE_PPS,     "dddddddAA",          false, HINT_PPS,     {{"", ""}}},
    {PII_ES_DNI,     "ddddddddA",          true,  HINT_NEVER,   {{"81", "- "}, {"2331", ".-"}}},
    {PII_ES_DNI,     "AdddddddA",          true,  HINT_NEVER,   {{"171", "- "}}},
    {PII_SG_NRIC,    "AdddddddA",          true,  HINT_NEVER,   {{"", ""}}},
    {PII_GB_NINO,    "AAddddddA",          true,  HINT_NEVER,   {{"22221", " -"}, {"261", " "}}},
    {PII_GB_NHS,     "dddddddddd",         false, HINT_NHS,     {{"", ""}}},
    {PII_AT_SVNR,    "dddddddddd",         false, HINT_SVNR,    {{"46", " -"}}},
    {PII_SE_PN,      "dddddddddd",         false, HINT_SE,      {{"64", "-+"}}},
    {PII_DK_CPR,     "dddddddddd",         false, HINT_CPR,     {{"", ""}}},
    {PII_CZ_RC,      "dddddddddd",         false, HINT_NEVER,   {{"64", "/"}}},
    {PII_BG_EGN,     "dddddddddd",         false, HINT_EGN,     {{"", ""}}},
    {PII_FI_HETU,    "ddddddddd*",         false, HINT_NEVER,   {{"64", "-+"}}},
    {PII_FI_HETU,    "ddddddAddd*",        true,  HINT_NEVER,   {{"", ""}}},
    {PII_DE_TAX_ID,  "ddddddddddd",        true,  HINT_NEVER,   {{"2333", " -/"}}},
    {PII_BR_CPF,     "ddddddddddd",        true,  HINT_NEVER,   {{"3332", ".-"}, {"92", "-"}}},
    {PII_PL_PESEL,   "ddddddddddd",        true,  HINT_NEVER,   {{"", ""}}},
    {PII_NO_FNR,     "ddddddddddd",        true,  HINT_NEVER,   {{"65", " -"}}},
    {PII_BE_RRN,     "ddddddddddd",        true,  HINT_NEVER,   {{"22232", ".-"}, {"632", "- "}}},
    {PII_TR_TCKN,    "ddddddddddd",        true,  HINT_NEVER,   {{"", ""}}},
    {PII_EE_IK,      "ddddddddddd",        true,  HINT_NEVER,   {{"", ""}}},
    {PII_HR_OIB,     "ddddddddddd",        false, HINT_OIB,     {{"", ""}}},
    {PII_IN_AADHAAR, "dddddddddddd",       false, HINT_AADHAAR, {{"444", " -"}}},
    {PII_SE_PN,      "dddddddddddd",       false, HINT_SE,      {{"84", "-+"}}},
    {PII_CH_AHV,     "ddddddddddddd",      true,  HINT_NEVER,   {{"3442", ". "}}},
    {PII_RO_CNP,     "ddddddddddddd",      true,  HINT_NEVER,   {{"", ""}}},
    {PII_ZA_ID,      "ddddddddddddd",      true,  HINT_NEVER,   {{"6412", " "}, {"6421", " "}}},
    {PII_KR_RRN,     "ddddddddddddd",      false, HINT_RRN,     {{"67", "-"}}},
    {PII_FR_NIR,     "ddddd**dddddddd",      true,  HINT_NEVER,  {{"1222332", " .-"}, {"132", " "}, {"1223332", " "}}},
    {PII_IT_CF,      "AAAAAA**A**A***A",   true,  HINT_NEVER,   {{"3355", " "}, {"3355", "-"}}},
    {PII_CN_RIC,     "ddddddddddddddddd*", true,  HINT_NEVER,   {{"684", " -"}}},
    {PII_MX_CURP,    "AAAAddddddAAAAAA*d", true,  HINT_NEVER,   {{"", ""}}},
};
/* clang-format on */
enum { FORM_COUNT = sizeof forms / sizeof *forms, CHARS_LEAST = 8, CHARS_MOST = 18 };

static bool fits(const char *form, const char *chars)
{
    for (; *form != '\0'; form++, chars++) {
        bool digit = *chars >= '0' && *chars <= '9';

        if (*form == 'd' ? !digit : *form == 'A' && digit)
            return false;
    }
    return true;
}

static bool shaped(const struct guard_number *number, int last, const struct shape *shape)
{
    size_t groups = strlen(shape->sizes);

    if (groups != (size_t)last + 1)
        return false;
    for (int i = 0, from = 0; i <= last; from = number->groups[i++].chars)
        if (number->groups[i].chars - from != shape->sizes[i] - '0' ||
            (i < last && strchr(shape->by, number->groups[i].behind) == NULL))
            return false;
    return true;
}

static bool written_well(const struct guard_spot *spot, const struct guard_number *number, int last,
                         const struct form *form)
{
    bool in_a_row = last + 1 < number->count || spot->in_a_row; /* of groups, is one more */

    if (last == 0 && form->run)
        return true;
    for (size_t i = 0; !in_a_row && i < sizeof form->shapes / sizeof *form->shapes; i++)
        if (form->shapes[i].sizes[0] != '\0' && shaped(number, last, &form->shapes[i]))
            return true;
    return spot_hinted(spot, form->hint);
}

/* Which forms, as bits, have so many characters; which may begin with a group of so many without a
 * word in front; and which have each word. */
static uint64_t of_length[CHARS_MOST + 1], of_first[CHARS_MOST + 1], of_hint[HINT_COUNT];
static pthread_once_t indexed = PTHREAD_ONCE_INIT;

_Static_assert(FORM_COUNT <= 64, "forms are the bits of a number");

static void index_forms(void)
{
    for (size_t i = 0; i < FORM_COUNT; i++) {
        const struct form *form = &forms[i];
        uint64_t bit = UINT64_C(1) << i;

        of_length[strlen(form->chars)] |= bit;
        if (form->run)
            of_first[strlen(form->chars)] |= bit;
        for (size_t k = 0; k < sizeof form->shapes / sizeof *form->shapes; k++)
            if (form->shapes[k].sizes[0] != '\0')
                of_first[form->shapes[k].sizes[0] - '0'] |= bit;
        if (form->hint < HINT_COUNT)
            of_hint[form->hint] |= bit;
    }
}

static uint64_t forms_hinted(uint32_t hints)
{
    uint64_t all = 0;

    for (; hints != 0; hints &= hints - 1)
        all |= of_hint[__builtin_ctz(hints)];
    return all;
}

bool detect_national(const struct guard_spot *spot, const struct guard_number *number,
                     uint64_t wanted, enum guard_pii_kind *out_kind, size_t *out_end)
{
    uint64_t may;

    if (spot->word->chars > CHARS_MOST || number->count == 0 ||
        number->groups[number->count - 1].chars < CHARS_LEAST)
        return false;
    pthread_once(&indexed, index_forms);
    may = forms_hinted(spot->hints);
    if (number->groups[0].chars > 1 || number->count < 2 || number->groups[1].chars > 2)
        may |= of_first[spot->word->chars]; /* of no form the first two are single characters */
    for (unsigned chars = CHARS_MOST; chars >= CHARS_LEAST && may != 0; chars--) {
        int last = number_ends(number, chars);
        uint64_t left = last >= 0 ? may & of_length[chars] : 0;

        for (; left != 0; left &= left - 1) {
            const struct form *form = &forms[__builtin_ctzll(left)];

            if ((wanted & PII_BIT(form->kind)) == 0 || !fits(form->chars, number->chars) ||
                !written_well(spot, number, last, form) ||
                !national_valid(form->kind, number->chars, chars))
                continue;
            *out_kind = form->kind;
            *out_end = number->groups[last].end;
            return true;
        }
    }
    return false;
}
