/* admin/draft.h
 * Files of the configuration folder that an author has not saved: `{"draft":
 * {"endpoints/chat.yaml":
 * "..."}}` in the body of an admin call. What such a call says or does is as if they were saved;
 * nothing of them is kept. Their loading reads files, so it is a job's. */
#pragma once
#include "document/document.h"
#include "gateway/job.h"

enum { DRAFT_FILES_MAX = 32, DRAFTS_UNDER_WAY_MAX = 8 };

/* Reads the member of the order's root; none is no files. Texts are the document's. False with
 * request->error. */
bool draft_read(struct request *request, const struct document *order, struct config_draft *out);

/* What a job about a draft has as its `order`; in the job's arena. */
struct draft_order {
    struct text slug; /* empty: no endpoint is meant */
    struct config_draft draft;
    struct shared_config *made;     /* of draft_start: a holder of it is the job's */
    void (*then)(struct request *); /* likewise */
};
/* Gives a job for the request, which is to be started, with copies of both; or NULL with
 * request->error when too many are under way. */
struct job *draft_job(struct request *request, struct text slug, const struct config_draft *draft,
                      void (*run)(struct job *job));
/* In the job's thread: the endpoint alone, as config_load_drafted with these options gives it,
 * under the limits and the budget that are in force; or NULL with job->error. The caller's. */
struct config *draft_load(struct job *job, const struct config *current,
                          const struct config_options *options);
/* Has the request served by the draft from here on, as old_version_take does with a version: `then`
 * is called later in its worker's thread, with request->error where the draft does not load. False,
 * and it is not called, with request->error when too many are under way. */
bool draft_start(struct request *request, struct text slug, const struct config_draft *draft,
                 void (*then)(struct request *request));
