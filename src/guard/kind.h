/* guard/kind.h
 * What guardrails find, by name: one row per kind of personal data, with its name in files, logs
 * and metrics and the word of its placeholders ("[EMAIL_1]"). */
#pragma once
#include "base/text.h"

/* With a checksum or a fixed form; those of states follow the first six. */
#define GUARD_PII(X)                                                                               \
    X(EMAIL, "email", "EMAIL")                                                                     \
    X(PHONE, "phone", "PHONE")                                                                     \
    X(IBAN, "iban", "IBAN")                                                                        \
    X(CARD, "card", "CARD")                                                                        \
    X(IPV4, "ipv4", "IP")                                                                          \
    X(IPV6, "ipv6", "IP")                                                                          \
    X(AT_SVNR, "at_svnr", "ID")                                                                    \
    X(AU_TFN, "au_tfn", "ID")                                                                      \
    X(BE_RRN, "be_rrn", "ID")                                                                      \
    X(BG_EGN, "bg_egn", "ID")                                                                      \
    X(BR_CPF, "br_cpf", "ID")                                                                      \
    X(CA_SIN, "ca_sin", "ID")                                                                      \
    X(CH_AHV, "ch_ahv", "ID")                                                                      \
    X(CL_RUT, "cl_rut", "ID")                                                                      \
    X(CN_RIC, "cn_ric", "ID")                                                                      \
    X(CZ_RC, "cz_rc", "ID")                                                                        \
    X(DE_TAX_ID, "de_tax_id", "ID")                                                                \
    X(DK_CPR, "dk_cpr", "ID")                                                                      \
    X(EE_IK, "ee_ik", "ID")                                                                        \
    X(ES_DNI, "es_dni", "ID")                                                                      \
    X(FI_HETU, "fi_hetu", "ID")                                                                    \
    X(FR_NIR, "fr_nir", "ID")                                                                      \
    X(GB_NHS, "gb_nhs", "ID")                                                                      \
    X(GB_NINO, "gb_nino", "ID")                                                                    \
    X(HR_OIB, "hr_oib", "ID")                                                                      \
    X(IE_PPS, "ie_pps", "ID")                                                                      \
    X(IN_AADHAAR, "in_aadhaar", "ID")                                                              \
    X(IT_CF, "it_cf", "ID")                                                                        \
    X(KR_RRN, "kr_rrn", "ID")                                                                      \
    X(MX_CURP, "mx_curp", "ID")                                                                    \
    X(NL_BSN, "nl_bsn", "ID")                                                                      \
    X(NO_FNR, "no_fnr", "ID")                                                                      \
    X(PL_PESEL, "pl_pesel", "ID")                                                                  \
    X(PT_NIF, "pt_nif", "ID")                                                                      \
    X(RO_CNP, "ro_cnp", "ID")                                                                      \
    X(SE_PN, "se_pn", "ID")                                                                        \
    X(SG_NRIC, "sg_nric", "ID")                                                                    \
    X(TR_TCKN, "tr_tckn", "ID")                                                                    \
    X(US_SSN, "us_ssn", "ID")                                                                      \
    X(ZA_ID, "za_id", "ID")

enum guard_pii_kind {
#define X(name, word, placeholder) PII_##name,
    GUARD_PII(X)
#undef X
        PII_KIND_COUNT
};

#define PII_BIT(kind)    (UINT64_C(1) << (kind))
#define PII_ALL          (PII_BIT(PII_KIND_COUNT) - 1)
#define PII_NATIONAL_IDS (PII_ALL & ~(PII_BIT(PII_AT_SVNR) - 1))
#define PII_IP           (PII_BIT(PII_IPV4) | PII_BIT(PII_IPV6))

struct text guard_pii_word(enum guard_pii_kind kind);        /* "email" */
struct text guard_pii_placeholder(enum guard_pii_kind kind); /* "EMAIL" */
/* A name of a kind, or of several: "national_id", "ip", "all". False when it is none. */
bool guard_pii_find(struct text word, uint64_t *out_kinds);
/* All names that guard_pii_find knows, for messages. */
const struct text *guard_pii_words(size_t *out_count);
