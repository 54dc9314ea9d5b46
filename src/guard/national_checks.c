/* Check digits and dates of national numbers, each as its issuer documents it. */
#include "guard/detect.h"

static unsigned digit(const char *chars, int at)
{
    return (unsigned)(chars[at] - '0');
}

/* The sum of so many digits, each times its weight: '1' to '9', 'A' for 10 and on. */
static unsigned weighted(const char *chars, const char *weights)
{
    unsigned sum = 0;

    for (int i = 0; weights[i] != '\0'; i++)
        sum += digit(chars, i) *
               (unsigned)(weights[i] <= '9' ? weights[i] - '0' : weights[i] - 'A' + 10);
    return sum;
}

static unsigned number_of(const char *chars, int from, int count)
{
    unsigned number = 0;

    for (int i = from; i < from + count; i++)
        number = number * 10 + digit(chars, i);
    return number;
}

static uint64_t long_number(const char *chars, int count)
{
    uint64_t number = 0;

    for (int i = 0; i < count; i++)
        number = number * 10 + digit(chars, i);
    return number;
}

static bool is_day(unsigned month, unsigned day)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

/* The date that stands there with two digits each, in this order. */
static bool dmy(const char *chars, int at)
{
    return is_day(number_of(chars, at + 2, 2), number_of(chars, at, 2));
}
static bool ymd(const char *chars, int at)
{
    return is_day(number_of(chars, at + 2, 2), number_of(chars, at + 4, 2));
}

static bool all_alike(const char *chars)
{
    return strspn(chars, (char[]){chars[0], '\0'}) >= 9;
}

/* ISO/IEC 7064 MOD 11,10 */
static bool mod_11_10(const char *chars, int count)
{
    unsigned product = 10;

    for (int i = 0; i < count - 1; i++) {
        unsigned sum = (digit(chars, i) + product) % 10;

        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (11 - product) % 10 == digit(chars, count - 1);
}

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

static bool verhoeff(const char *chars, int count)
{
    static const char times[10][11] = {"0123456789", "1234067895", "2340178956", "3401289567",
                                       "4012395678", "5987604321", "6598710432", "7659821043",
                                       "8765932104", "9876543210"};
    static const char turn[8][11] = {"0123456789", "1576283094", "5803796142", "8916043527",
                                     "9453126870", "4286573901", "2793806415", "7046913258"};
    unsigned check = 0;

    for (int i = 0; i < count; i++) {
        unsigned turned = (unsigned)(turn[i % 8][digit(chars, count - 1 - i)] - '0');

        check = (unsigned)(times[check][turned] - '0');
    }
    return check == 0;
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

static bool social_security(const char *chars)
{
    unsigned area = number_of(chars, 0, 3);

    return area != 0 && area != 666 && area < 900 && number_of(chars, 3, 2) != 0 &&
           number_of(chars, 5, 4) != 0;
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

static bool brazilian(const char *chars)
{
    unsigned first = weighted(chars, "A98765432") * 10 % 11 % 10;
    unsigned second = weighted(chars, "BA98765432") * 10 % 11 % 10;

    return !all_alike(chars) && first == digit(chars, 9) && second == digit(chars, 10);
}

static bool norwegian(const char *chars)
{
    unsigned first = (11 - weighted(chars, "376189452") % 11) % 11;
    unsigned second = (11 - weighted(chars, "5432765432") % 11) % 11;

    return dmy(chars, 0) && first == digit(chars, 9) && second == digit(chars, 10);
}

static bool turkish(const char *chars)
{
    unsigned odd = weighted(chars, "101010101"), even = weighted(chars, "01010101");

    return chars[0] != '0' && (odd * 7 + 100 - even) % 10 == digit(chars, 9) &&
           (odd + even + digit(chars, 9)) % 10 == digit(chars, 10);
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

static bool chinese(const char *chars)
{
    static const unsigned weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0, year = number_of(chars, 6, 4);

    for (int i = 0; i < 17; i++)
        sum += digit(chars, i) * weights[i];
    return year >= 1900 && year < 2100 && ymd(chars, 8) && "10X98765432"[sum % 11] == chars[17];
}

static bool korean(const char *chars)
{
    unsigned check = (11 - weighted(chars, "234567892345") % 11) % 10;

    return ymd(chars, 0) && chars[6] >= '1' && chars[6] <= '8' &&
           (check == digit(chars, 12) || number_of(chars, 0, 2) >= 20); /* since 2020 without one */
}

static bool mexican(const char *chars)
{
    static const char order[] = "0123456789ABCDEFGHIJKLMN\001OPQRSTUVWXYZ"; /* \001: an Ñ */
    unsigned sum = 0;

    for (int i = 0; i < 17; i++)
        sum += (unsigned)(strchr(order, chars[i]) - order) * (unsigned)(18 - i);
    return ymd(chars, 4) && (chars[10] == 'H' || chars[10] == 'M') &&
           (10 - sum % 10) % 10 == digit(chars, 17);
}

static bool singaporean(const char *chars)
{
    static const struct {
        char first;
        unsigned plus;
        const char *letters;
    } series[] = {{'S', 0, "JZIHGFEDCBA"},
                  {'T', 4, "JZIHGFEDCBA"},
                  {'F', 0, "XWUTRQPNMLK"},
                  {'G', 4, "XWUTRQPNMLK"},
                  {'M', 3, "KLJNPQRTUWX"}};
    unsigned sum = weighted(chars + 1, "2765432");

    for (size_t i = 0; i < sizeof series / sizeof *series; i++)
        if (series[i].first == chars[0])
            return series[i].letters[(sum + series[i].plus) % 11] == chars[8];
    return false;
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

static bool chilean(const char *chars, unsigned count)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < count - 1; i++)
        sum += digit(chars, (int)(count - 2 - i)) * (2 + i % 6);
    return chars[count - 1] == "0123456789K0"[11 - sum % 11];
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

static bool south_african(const char *chars)
{
    return ymd(chars, 0) && chars[10] <= '2' && luhn_valid(chars, 13);
}

bool national_valid(enum guard_pii_kind kind, const char *chars, unsigned count)
{
    switch (kind) {
    case PII_AT_SVNR:
        return austrian(chars);
    case PII_AU_TFN:
        return weighted(chars, "14375869A") % 11 == 0 && !all_alike(chars);
    case PII_BE_RRN:
        return belgian(chars);
    case PII_BG_EGN:
        return bulgarian(chars);
    case PII_BR_CPF:
        return brazilian(chars);
    case PII_CA_SIN:
        return chars[0] != '0' && chars[0] != '8' && luhn_valid(chars, 9);
    case PII_CH_AHV:
        return swiss(chars);
    case PII_CL_RUT:
        return chilean(chars, count);
    case PII_CN_RIC:
        return chinese(chars);
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
    case PII_IN_AADHAAR:
        return chars[0] >= '2' && verhoeff(chars, 12);
    case PII_IT_CF:
        return italian(chars);
    case PII_KR_RRN:
        return korean(chars);
    case PII_MX_CURP:
        return mexican(chars);
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
    case PII_SG_NRIC:
        return singaporean(chars);
    case PII_TR_TCKN:
        return turkish(chars);
    case PII_US_SSN:
        return social_security(chars);
    case PII_ZA_ID:
        return south_african(chars);
    default:
        return false;
    }
}
