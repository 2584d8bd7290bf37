"""Every citation leads to a document and section that is in the repository."""

from tests.support.finders.citations import all_dangling_citations, dangling_citations
from tests.support.repository import ROOT, files_named


def test_every_citation_leads_to_a_document_and_section_of_the_repository():
    offenders = [
        f"{name}: {citation}" for name, citation in all_dangling_citations(ROOT, files_named("*"))
    ]
    assert offenders == []


def test_a_section_that_a_document_lacks_is_found(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/rules.md").write_text("# Rules\n\n## 1. First\n\n### 1.2 Detail\n")
    text = (
        "docs/rules.md, section 1.2; docs/rules.md, section 3; contracts, section 1; decision 7; "
        "RULES, section 4"
    )
    assert list(dangling_citations(text, tmp_path)) == [
        "contracts, section 1",
        "RULES, section 4",
        "docs/rules.md, section 3",
        "decision 7",
    ]
