/* Check digits and dates of national numbers, each as its issuer documents it: Europe. */
#include "guard/national_digits.h"

/* Of the first ten digits of a tax number one is there two or three times, and no other so. */
static bool tax_id(const char *chars)
{
    unsigned counts[10] = {0}, repeated = 0;

    for (int i = 0; i < 10; i++)
        counts[digit(chars, i)]++;
    for (int i = 0; i < 10; i++) {
        if (counts[i] > 3)
            return false;
        repeated += counts[i] > 1;
    }
    return chars[0] != '0' && repeated == 1 && mod_11_10(chars, 11);
}

/* The years of birth are of two centuries, the later of which is told by a 2 in front. */
static bool belgian(const char *chars)
{
    unsigned check = number_of(chars, 9, 2);
    uint64_t number = long_number(chars, 9);
    unsigned month = number_of(chars, 2, 2) % 20, day = number_of(chars, 4, 2);

    return is_day(month, day) &&
           (97 - number % 97 == check || 97 - (number + UINT64_C(2000000000)) % 97 == check);
}

static bool french(const char *chars)
{
    unsigned month = number_of(chars, 3, 2);
    char plain[16];
    uint64_t less = 0;

    memcpy(plain, chars, 15);
    plain[15] = '\0';
    if (plain[5] == '2' && (plain[6] == 'A' || plain[6] == 'B')) {
        less = plain[6] == 'A' ? 1000000 : 2000000;
        plain[6] = '0';
    }
    if (strspn(plain, "0123456789") < 15 || strchr("123478", plain[0]) == NULL ||
        !((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50))
        return false;
    return 97 - (long_number(plain, 13) - less) % 97 == number_of(plain, 13, 2);
}

static bool spanish(const char *chars)
{
    char plain[9];

    memcpy(plain, chars, 8);
    plain[8] = '\0';
    if (plain[0] >= 'X' && plain[0] <= 'Z')
        plain[0] = (char)('0' + (plain[0] - 'X'));
    return plain[0] <= '9' && "TRWAGMYFPDXBNJZSQVHLCKE"[long_number(plain, 8) % 23] == chars[8];
}

/* Codice fiscale: letters may stand for digits where several people would have the same. */
static bool italian(const char *chars)
{
    static const char odd[] = "BAKPLCQDREVOSFTGUHMINJWZYX";
    static const char places[] = {6, 7, 9, 10, 12, 13, 14};
    unsigned sum = 0;

    for (size_t i = 0; i < sizeof places; i++)
        if (strchr("0123456789LMNPQRSTUV", chars[(int)places[i]]) == NULL)
            return false;
    if (strchr("ABCDEHLMPRST", chars[8]) == NULL)
        return false;
    for (int i = 0; i < 15; i++) {
        char letter = (char)(chars[i] <= '9' ? 'A' + (chars[i] - '0') : chars[i]);

        sum += i % 2 == 0 ? (unsigned)(strchr(odd, letter) - odd) : (unsigned)(letter - 'A');
    }
    return 'A' + (char)(sum % 26) == chars[15];
}

static bool national_insurance(const char *chars)
{
    static const char *const never[] = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"};

    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (chars[0] == never[i][0] && chars[1] == never[i][1])
            return false;
    return strchr("DFIQUV", chars[0]) == NULL && strchr("DFIOQUV", chars[1]) == NULL &&
           chars[8] >= 'A' && chars[8] <= 'D';
}

/* The month tells the century, too. */
static bool polish(const char *chars)
{
    return is_day(number_of(chars, 2, 2) % 20, number_of(chars, 4, 2)) &&
           weighted(chars, "13791379131") % 10 == 0;
}

static bool bulgarian(const char *chars)
{
    return is_day(number_of(chars, 2, 2) % 20, number_of(chars, 4, 2)) &&
           weighted(chars, "2485A9736") % 11 % 10 == digit(chars, 9);
}

static bool norwegian(const char *chars)
{
    unsigned first = (11 - weighted(chars, "376189452") % 11) % 11;
    unsigned second = (11 - weighted(chars, "5432765432") % 11) % 11;

    return dmy(chars, 0) && first == digit(chars, 9) && second == digit(chars, 10);
}

static bool estonian(const char *chars)
{
    unsigned check = weighted(chars, "1234567891") % 11;

    if (check == 10)
        check = weighted(chars, "3456789123") % 11 % 10;
    return chars[0] >= '1' && chars[0] <= '8' && ymd(chars, 1) && check == digit(chars, 10);
}

static bool romanian(const char *chars)
{
    unsigned check = weighted(chars, "279146358279") % 11;

    return chars[0] != '0' && ymd(chars, 1) && number_of(chars, 7, 2) <= 52 &&
           (check == 10 ? 1 : check) == digit(chars, 12);
}

static bool finnish(const char *chars, unsigned count)
{
    const char *serial = count == 11 ? chars + 7 : chars + 6;
    unsigned number = number_of(chars, 0, 6) * 1000 + number_of(serial, 0, 3);

    if (count == 11 && strchr("ABCDEFYXWVU", chars[6]) == NULL)
        return false;
    return dmy(chars, 0) && "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31] == serial[3];
}

static bool irish(const char *chars, unsigned count)
{
    unsigned sum = weighted(chars, "8765432");

    if (count == 9 && chars[8] <= 'I')
        sum += (unsigned)(chars[8] - 'A' + 1) * 9;
    return "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23] == chars[7];
}

static bool portuguese(const char *chars)
{
    unsigned check = 11 - weighted(chars, "98765432") % 11;

    return chars[0] != '0' && (check >= 10 ? 0 : check) == digit(chars, 8);
}

static bool austrian(const char *chars)
{
    unsigned check = digit(chars, 0) * 3 + digit(chars, 1) * 7 + digit(chars, 2) * 9 +
                     weighted(chars + 4, "584216");

    return chars[0] != '0' && number_of(chars, 6, 2) >= 1 && number_of(chars, 6, 2) <= 15 &&
           number_of(chars, 4, 2) >= 1 && number_of(chars, 4, 2) <= 31 &&
           check % 11 == digit(chars, 3);
}

/* With or without the century; the day of a coordination number is 60 more. */
static bool swedish(const char *chars, unsigned count)
{
    const char *ten = chars + (count - 10);
    unsigned day = number_of(ten, 4, 2);

    return is_day(number_of(ten, 2, 2), day > 60 ? day - 60 : day) && luhn_valid(ten, 10);
}

static bool swiss(const char *chars)
{
    return strncmp(chars, "756", 3) == 0 && weighted(chars, "1313131313131") % 10 == 0;
}

bool national_valid(enum guard_pii_kind kind, const char *chars, unsigned count)
{
    switch (kind) {
    case PII_AT_SVNR:
        return austrian(chars);
    case PII_BE_RRN:
        return belgian(chars);
    case PII_BG_EGN:
        return bulgarian(chars);
    case PII_CH_AHV:
        return swiss(chars);
    case PII_CZ_RC:
        return long_number(chars, 10) % 11 == 0 &&
               is_day(number_of(chars, 2, 2) % 50, number_of(chars, 4, 2));
    case PII_DE_TAX_ID:
        return tax_id(chars);
    case PII_DK_CPR:
        return dmy(chars, 0);
    case PII_EE_IK:
        return estonian(chars);
    case PII_ES_DNI:
        return spanish(chars);
    case PII_FI_HETU:
        return finnish(chars, count);
    case PII_FR_NIR:
        return french(chars);
    case PII_GB_NHS:
        return (11 - weighted(chars, "A98765432") % 11) % 11 == digit(chars, 9);
    case PII_GB_NINO:
        return national_insurance(chars);
    case PII_HR_OIB:
        return mod_11_10(chars, 11);
    case PII_IE_PPS:
        return irish(chars, count);
    case PII_IT_CF:
        return italian(chars);
    case PII_NL_BSN:
        return !all_alike(chars) &&
               (weighted(chars, "98765432") + 11 * 10 - digit(chars, 8)) % 11 == 0;
    case PII_NO_FNR:
        return norwegian(chars);
    case PII_PL_PESEL:
        return polish(chars);
    case PII_PT_NIF:
        return portuguese(chars);
    case PII_RO_CNP:
        return romanian(chars);
    case PII_SE_PN:
        return swedish(chars, count);
    default:
        return national_valid_world(kind, chars, count);
    }
}
