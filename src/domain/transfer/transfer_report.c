/* The report: one CSV line for every row of the file. Written inside the unit of its rows at the place the run knows,
 * so that file and database always tell the same: after a kill the file is cut back to what was committed. */
#include "domain/transfer/transfer_work.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Words {
    const char *code, *zh, *en;
} Words;
static const Words words[] = {
    { "row.no_key", "没有可识别会员的列（编号、手机、卡号、邮箱都为空）", "nothing that names the member" },
    { "row.no_number", "没有订单号", "no order number" },
    { "row.no_item", "没有商品编码和名称", "neither item number nor name" },
    { "row.quantity", "数量不对", "the quantity is no whole number above zero" },
    { "row.price", "单价或金额不对", "the price or amount is no number" },
    { "row.time", "时间不对", "the time is not understood" },
    { "row.day", "日期不对", "the day is not understood" },
    { "row.number", "数字不对", "not a whole number" },
    { "row.long", "文字太长", "a text is too long" },
    { "row.shop", "没有这家门店", "there is no such shop" },
    { "row.tier", "没有这个等级", "there is no such level" },
    { "row.expired", "积分到期日已过", "the last day of the points is past" },
    { "line.merged", "同一订单的相同商品、相同单价，数量并入前一行",
      "same item and price in one order: added to the line above" },
    { "order.exists", "订单已存在，内容相同", "the order is there already, the same" },
    { "order.differs", "订单号已存在，内容不同", "the number is taken by an order of other content" },
    { "order.negative", "数量为负，又不是退货单（例如报损、盘亏）",
      "a negative quantity outside a credit note, such as a write-off" },
    { "order.price_negative", "单价为负（例如坏账调整）", "a negative price, such as a bad-debt adjustment" },
    { "order.two_members", "同一订单号有两个会员", "two members in one order" },
    { "order.too_large", "订单行数太多", "too many lines in one order" },
    { "order.amount", "订单金额太大", "the order's amount is too large" },
    { "refund.exists", "退货已存在", "the credit note is there already" },
    { "refund.no_member", "退货单没有会员，无法对应原单", "a credit note without a member: its order cannot be found" },
    { "refund.no_origin", "找不到该会员更早购买这件商品的订单", "no earlier order of this member holds the item" },
    { "refund.unchecked", "试运行不找退货的原单，正式导入时才知道", "a dry run cannot tell whether its order will be found" },
    { "refund.over", "退货数量多于该会员购买后剩余的数量", "more is returned than this member has left of it" },
    { "member.exists", "会员已存在，补充了空缺的资料", "the member is there already; what was missing is filled in" },
    { "item.exists", "商品已存在", "the item is there already" },
};

void transfer_words(Str code, const char **ret_zh, const char **ret_en) {
    *ret_zh = *ret_en = "";
    for (int64_t i = 0; i < COUNT_OF(words); i++) {
        if (!str_is(code, words[i].code)) continue;
        *ret_zh = words[i].zh;
        *ret_en = words[i].en;
    }
}

static Err cannot_write(Ctx *c, Str path) {
    return fail(c, E_BUSY, "transfer.report", "写不了报告文件 %.*s", "cannot write the report file %.*s", (int)path.len,
                path.at);
}

/* All of it at that place; the file grows by nothing else, so writing again after a retry gives the same bytes. */
static bool put_at(int fd, Str text, int64_t at) {
    while (text.len > 0) {
        ssize_t done = pwrite(fd, text.at, (size_t)text.len, at);
        if (done <= 0) return false;
        at += done;
        text = str_slice(text, done, text.len);
    }
    return true;
}

Err report_open(Ctx *c, Transfer *t) {
    TransferRun *run = &t->run;
    if (t->is_dry && run->report_path.len == 0) return OK;
    if (run->report_path.len == 0) {
        Str dir = transfer_dir(c);
        mkdir(arena_cstr(c->arena, dir), 0700);
        run->report_path = arena_print(c->arena, "%.*s/import-%lld.csv", (int)dir.len, dir.at, (long long)run->run_id);
    }
    int fd = open(arena_cstr(c->arena, run->report_path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    t->report_fd = fd;
    if (fd < 0 || ftruncate(fd, run->report_bytes) != 0) return cannot_write(c, run->report_path);
    if (run->report_bytes > 0) return OK;
    Buf head = { .arena = c->arena };
    csv_bom(&head);
    buf_cstr(&head, "line,status,code,说明,reason\r\n");
    if (!put_at(fd, buf_str(&head), 0)) return cannot_write(c, run->report_path);
    run->report_bytes = head.len;
    return OK;
}

static void add_row(Buf *b, const Row *row) {
    static const char *const ends[] = { ",accepted", ",merged", ",listed" };
    buf_int(b, row->line);
    buf_cstr(b, ends[row->end]);
    if (row->code.len == 0) {
        buf_cstr(b, ",,,\r\n");
        return;
    }
    const char *zh, *en;
    transfer_words(row->code, &zh, &en);
    csv_text(b, false, row->code);
    csv_text(b, false, row->zh.len > 0 ? row->zh : str_of(zh));
    csv_text(b, false, row->en.len > 0 ? row->en : str_of(en));
    csv_row_end(b);
}

Err report_add(Ctx *c, Transfer *t, TransferRun *run, int64_t from, int64_t to) {
    if (t->report_fd < 0) return OK;
    Buf text = { .arena = c->arena };
    for (int64_t i = 0; i < t->row_count; i++) {
        if (t->rows[i].group >= from && t->rows[i].group < to) add_row(&text, &t->rows[i]);
    }
    if (!put_at((int)t->report_fd, buf_str(&text), run->report_bytes)) return cannot_write(c, run->report_path);
    run->report_bytes += text.len;
    return OK;
}

void report_close(Transfer *t) {
    if (t->report_fd >= 0) close((int)t->report_fd);
    t->report_fd = -1;
}
