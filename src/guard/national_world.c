/* As national_checks.c, for states beyond Europe. */
#include "guard/national_digits.h"

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

static bool social_security(const char *chars)
{
    unsigned area = number_of(chars, 0, 3);

    return area != 0 && area != 666 && area < 900 && number_of(chars, 3, 2) != 0 &&
           number_of(chars, 5, 4) != 0;
}

static bool brazilian(const char *chars)
{
    unsigned first = weighted(chars, "A98765432") * 10 % 11 % 10;
    unsigned second = weighted(chars, "BA98765432") * 10 % 11 % 10;

    return !all_alike(chars) && first == digit(chars, 9) && second == digit(chars, 10);
}

static bool turkish(const char *chars)
{
    unsigned odd = weighted(chars, "101010101"), even = weighted(chars, "01010101");

    return chars[0] != '0' && (odd * 7 + 100 - even) % 10 == digit(chars, 9) &&
           (odd + even + digit(chars, 9)) % 10 == digit(chars, 10);
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

static bool chilean(const char *chars, unsigned count)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < count - 1; i++)
        sum += digit(chars, (int)(count - 2 - i)) * (2 + i % 6);
    return chars[count - 1] == "0123456789K0"[11 - sum % 11];
}

static bool south_african(const char *chars)
{
    return ymd(chars, 0) && chars[10] <= '2' && luhn_valid(chars, 13);
}

bool national_valid_world(enum guard_pii_kind kind, const char *chars, unsigned count)
{
    switch (kind) {
    case PII_AU_TFN:
        return weighted(chars, "14375869A") % 11 == 0 && !all_alike(chars);
    case PII_BR_CPF:
        return brazilian(chars);
    case PII_CA_SIN:
        return chars[0] != '0' && chars[0] != '8' && luhn_valid(chars, 9);
    case PII_CL_RUT:
        return chilean(chars, count);
    case PII_CN_RIC:
        return chinese(chars);
    case PII_IN_AADHAAR:
        return chars[0] >= '2' && verhoeff(chars, 12);
    case PII_KR_RRN:
        return korean(chars);
    case PII_MX_CURP:
        return mexican(chars);
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
