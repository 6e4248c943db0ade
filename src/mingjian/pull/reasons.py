"""What each value class means in words, and what to do; the value itself is never repeated."""

from __future__ import annotations

from mingjian.domain.i18n import _

WORDS = {
    "missing_required": "必填列为空；请补填后重新拉取",
    "unknown_code": "代码不在对照表中；请更正，或在数据源文件的 values 中补上该代码",
    "text_in_number": "数字列中有无法识别的文字或格式；请改为纯数字",
    "not_integer": "应为整数，但有小数；请更正",
    "too_large": "数值超出该列允许的范围；请核对单位和小数点",
    "unreadable_date": "日期无法识别；请改为 2024-03-05 这样的格式",
    "impossible_date": "日历上没有这一天；请核对",
    "implausible_date": "年份不合常理；请核对",
    "unreadable_boolean": "是否类列无法识别；请填 是 或 否",
    "not_an_id": "不是身份证号码的格式；请核对原始证件",
    "masked_id": "身份证号码已被打码，无法比对；请提供完整号码",
    "bad_length": "号码位数不对；请核对原始证件",
    "bad_birth_date": "身份证号码中的出生日期不存在；请核对原始证件",
    "bad_character": "代码中有不允许的字符；请核对原始证照",
    "bad_check_digit": "校验码不符，号码录入有误；请核对原始证件",
    "float_mangled_id": "号码被电子表格转成数字，末几位已丢失；请将该列设为文本后重新导出",
    "bad_account": "账号格式不对；请核对",
    "bad_device": "网络地址或网卡地址格式不对；请核对",
    "bad_phone": "电话号码格式不对；请核对",
    "bad_name": "姓名中没有文字；请核对",
    "formula_error": "单元格是出错或未计算的公式；请在表格软件中重新计算并保存为数值",
    "nul_byte": "单元格含有空字节，文件可能已损坏；请重新导出",
    "ragged_row": "该行的列数与表头不一致；请检查分隔符和引号",
    "unclosed_quote": "该行的引号没有成对；请更正引号",
    "not_an_object": "该条记录不是对象；请提供方检查接口",
}


def explain(value_class: str) -> str:
    """What is wrong with such a value and what to do, in the reader's language."""
    return _(WORDS[value_class])


def stored_reason(file: str, row_no: int, header: str, value_class: str) -> str:
    """The sentence kept in quarantine: always Chinese, so that a repeated pull stores the very same row."""
    where = f"{file} 第 {row_no} 行" + (f"“{header}”" if header else "")
    return f"{where}：{WORDS[value_class]}"
