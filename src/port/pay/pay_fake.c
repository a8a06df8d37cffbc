#include <pthread.h>
#include <string.h>
#include "port/pay/pay.h"

/* A channel in memory: orders wait until the test (or the demo's payer) pays them; refunds are done at once. */
enum { PAY_FAKE_MAX = 512 };
typedef struct FakePay {
    char id[80];
    int64_t amount_fen, refunded_fen, paid_at;
    PayState state;
} FakePay;
typedef struct FakeRefund {
    char id[80];
    int64_t amount_fen;
} FakeRefund;
typedef struct PayFake {
    pthread_mutex_t lock;
    FakePay pays[PAY_FAKE_MAX];
    int64_t pay_count; /* the oldest is forgotten first */
    FakeRefund refunds[PAY_FAKE_MAX];
    int64_t refund_count;
    PortOutcome fail_with;
    int64_t fail_times;
} PayFake;

static FakePay *pay_find(PayFake *fake, Str id) {
    int64_t kept = fake->pay_count < PAY_FAKE_MAX ? fake->pay_count : PAY_FAKE_MAX;
    for (int64_t i = 0; i < kept; i++) {
        if (str_is(id, fake->pays[i].id)) return &fake->pays[i];
    }
    return NULL;
}

static FakeRefund *refund_find(PayFake *fake, Str id) {
    int64_t kept = fake->refund_count < PAY_FAKE_MAX ? fake->refund_count : PAY_FAKE_MAX;
    for (int64_t i = 0; i < kept; i++) {
        if (str_is(id, fake->refunds[i].id)) return &fake->refunds[i];
    }
    return NULL;
}

static void keep_id(char to[80], Str id) {
    int64_t len = id.len < 79 ? id.len : 79;
    if (len > 0) memcpy(to, id.at, (size_t)len);
    to[len] = '\0';
}

static bool is_failing(PayFake *fake, PortResult *ret_result) {
    if (fake->fail_times <= 0) return false;
    fake->fail_times--;
    ret_result->outcome = fake->fail_with;
    return true;
}

static PayAnswer answer_of(const FakePay *pay) {
    return (PayAnswer){ .state = pay->state,
                        .paid_fen = pay->state == PAY_WAITING ? 0 : pay->amount_fen,
                        .refunded_fen = pay->refunded_fen,
                        .paid_at = pay->paid_at };
}

static PortResult create_fake(void *user, Ctx *c, const PayOrder *order, PayAnswer *ret_answer) {
    PayFake *fake = user;
    PortResult result = { .outcome = PORT_OK, .code = S("fake"), .ref = order->id };
    pthread_mutex_lock(&fake->lock);
    if (!is_failing(fake, &result)) {
        FakePay *pay = pay_find(fake, order->id);
        if (pay != NULL)
            result.outcome = PORT_DUP;
        else {
            pay = &fake->pays[fake->pay_count++ % PAY_FAKE_MAX];
            *pay = (FakePay){ .amount_fen = order->amount_fen, .state = PAY_WAITING };
            keep_id(pay->id, order->id);
            /* A customer's payment code that the cashier scanned pays at once. */
            if (order->auth_code.len > 0) pay->state = PAY_PAID, pay->paid_at = c->now;
        }
        *ret_answer = answer_of(pay);
        ret_answer->ref = arena_print(c->arena, "fake-%s", pay->id);
        ret_answer->pay_url = arena_print(c->arena, "https://pay.example/%s", pay->id);
    }
    pthread_mutex_unlock(&fake->lock);
    return result;
}

static PortResult query_fake(void *user, Ctx *c, Str pay_id, PayAnswer *ret_answer) {
    PayFake *fake = user;
    PortResult result = { .outcome = PORT_OK, .code = S("fake"), .ref = pay_id };
    pthread_mutex_lock(&fake->lock);
    if (!is_failing(fake, &result)) {
        FakePay *pay = pay_find(fake, pay_id);
        /* Nobody holds a phone at the demo's till: who asks how far the payment is has just been paid. */
        bool is_demo = c->app != NULL && c->app->config.is_demo;
        if (is_demo && pay != NULL && pay->state == PAY_WAITING) pay->state = PAY_PAID, pay->paid_at = c->now;
        *ret_answer = pay == NULL ? (PayAnswer){ .state = PAY_NONE } : answer_of(pay);
        if (pay != NULL) ret_answer->ref = arena_print(c->arena, "fake-%s", pay->id);
    }
    pthread_mutex_unlock(&fake->lock);
    return result;
}

static PortResult close_fake(void *user, Ctx *c, Str pay_id) {
    (void)c;
    PayFake *fake = user;
    PortResult result = { .outcome = PORT_OK, .code = S("fake"), .ref = pay_id };
    pthread_mutex_lock(&fake->lock);
    if (!is_failing(fake, &result)) {
        FakePay *pay = pay_find(fake, pay_id);
        if (pay == NULL || pay->state == PAY_CLOSED)
            result.outcome = PORT_DUP;
        else if (pay->state == PAY_WAITING)
            pay->state = PAY_CLOSED;
        else
            result.outcome = PORT_REJECTED;
    }
    pthread_mutex_unlock(&fake->lock);
    return result;
}

static PortResult refund_fake(void *user, Ctx *c, const PayRefund *refund, PayAnswer *ret_answer) {
    (void)c;
    PayFake *fake = user;
    PortResult result = { .outcome = PORT_OK, .code = S("fake"), .ref = refund->id };
    pthread_mutex_lock(&fake->lock);
    if (!is_failing(fake, &result)) {
        FakePay *pay = pay_find(fake, refund->pay_id);
        bool is_known = refund_find(fake, refund->id) != NULL;
        bool is_paid = pay != NULL && (pay->state == PAY_PAID || pay->state == PAY_REFUNDED);
        if (is_known)
            result.outcome = PORT_DUP;
        else if (!is_paid || refund->amount_fen > pay->amount_fen - pay->refunded_fen)
            result.outcome = PORT_REJECTED;
        else {
            FakeRefund *kept = &fake->refunds[fake->refund_count++ % PAY_FAKE_MAX];
            kept->amount_fen = refund->amount_fen;
            keep_id(kept->id, refund->id);
            pay->refunded_fen += refund->amount_fen;
            if (pay->refunded_fen == pay->amount_fen) pay->state = PAY_REFUNDED;
        }
        if (pay != NULL) *ret_answer = answer_of(pay);
    }
    pthread_mutex_unlock(&fake->lock);
    return result;
}

static PortResult query_refund_fake(void *user, Ctx *c, Str refund_id, PayAnswer *ret_answer) {
    (void)c;
    PayFake *fake = user;
    PortResult result = { .outcome = PORT_OK, .code = S("fake"), .ref = refund_id };
    pthread_mutex_lock(&fake->lock);
    if (!is_failing(fake, &result)) {
        const FakeRefund *refund = refund_find(fake, refund_id);
        *ret_answer = refund == NULL ? (PayAnswer){ .state = PAY_NONE }
                                     : (PayAnswer){ .state = PAY_REFUNDED, .refunded_fen = refund->amount_fen };
    }
    pthread_mutex_unlock(&fake->lock);
    return result;
}

/* The fake has no key of its own: it signs with one of ours, under a name that nothing else signs under. */
Str pay_fake_sign(App *app, Arena *a, const PayNotice *notice) {
    unsigned char code[MAC_LEN];
    Str text = arena_print(a, "pay_fake\n%.*s\n%.*s\n%lld\n%lld", (int)notice->id.len, notice->id.at,
                           (int)notice->ref.len, notice->ref.at, (long long)notice->amount_fen, (long long)notice->at);
    mac(&app->keys.cursor, text.at, text.len, code);
    return arena_hex(a, (Bytes){ code, MAC_LEN });
}

static bool notice_is_genuine_fake(void *user, Ctx *c, const PayNotice *notice) {
    (void)user;
    Str signature = pay_fake_sign(c->app, c->arena, notice);
    return signature.len == notice->signature.len && crypto_same(signature.at, notice->signature.at, signature.len);
}

bool pay_open(Arena *a, Str name, PayPort *ret_port) {
    if (name.len != 0 && !str_is(name, "fake")) return false;
    PayFake *fake = NEW(a, PayFake);
    pthread_mutex_init(&fake->lock, NULL);
    *ret_port = (PayPort){
        .name = "fake",
        .user = fake,
        .create = create_fake,
        .query = query_fake,
        .close = close_fake,
        .refund = refund_fake,
        .query_refund = query_refund_fake,
        .notice_is_genuine = notice_is_genuine_fake,
    };
    return true;
}

bool pay_fake_pay(const PayPort *pay, Str pay_id, int64_t at) {
    if (pay->create != create_fake) return false;
    PayFake *fake = pay->user;
    pthread_mutex_lock(&fake->lock);
    FakePay *found = pay_find(fake, pay_id);
    bool is_new = found != NULL && found->state == PAY_WAITING;
    if (is_new) found->state = PAY_PAID, found->paid_at = at;
    pthread_mutex_unlock(&fake->lock);
    return is_new;
}

void pay_fake_fail(const PayPort *pay, PortOutcome outcome, int64_t times) {
    if (pay->create != create_fake) return;
    PayFake *fake = pay->user;
    pthread_mutex_lock(&fake->lock);
    fake->fail_with = outcome;
    fake->fail_times = times;
    pthread_mutex_unlock(&fake->lock);
}
