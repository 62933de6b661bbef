"""docs/conformance.md says what the tables say."""

from tests.contract.conformance.report import PAGE, report, sdk_methods


def test_committed_report_is_what_the_tables_give() -> None:
    told = PAGE.read_text(encoding="utf-8")
    assert told == report(), "write it anew: python -m tests.contract.conformance.report"


def test_sdk_methods_are_found_by_both_spellings_of_an_operation() -> None:
    methods = sdk_methods()
    assert "large_face_list.begin_train" in methods["TrainLargeFaceList"]
    assert "large_face_list.train" in methods["large_face_list.train"]
