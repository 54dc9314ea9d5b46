/* store/store_audit.h
 * Checking the audit log of a store from outside of the process that writes it. */
#pragma once
#include "audit/record.h"
#include "base/error.h"

/* What to check against. */
struct audit_order {
    const struct audit_key *key;    /* of the seals; NULL: the hashes alone are checked */
    const struct audit_link *heads; /* that were kept elsewhere, in any order */
    size_t head_count;
};
struct audit_check {
    struct audit_head ends;
    uint64_t records;     /* that are as they should be, from the first on */
    size_t heads_met;     /* of those given */
    size_t heads_too_old; /* likewise; they lie before the first record that is kept */
    uint64_t broken_at;   /* the number of the first record that is wrong; 0: none is */
};

/* Reads the key of the store's seals, `folder`/audit.key. */
bool store_audit_key(struct text folder, struct audit_key *out, struct error *err);
/* Walks the audit log of the LMDB store in `folder`, also beside the process that has it open; this
 * one must not. Changes nothing, and takes the same memory however long the log is. False with
 * ERROR_AUDIT_BROKEN, or ERROR_RECORD_DAMAGED, telling the first record that is wrong and how;
 * ERROR_STORAGE_ERROR when there is no store. */
bool store_verify_audit(struct text folder, const struct audit_order *order,
                        struct audit_check *out, struct error *err);
