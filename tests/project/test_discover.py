"""Finding the project's root, configuration and name."""

import pytest

from mlscore.project.discover import discover


def test_the_nearest_configuration_upward_is_the_root(root, write):
    write("mlscore.toml", 'name = "outer"\n')
    write("part/pyproject.toml", '[tool.mlscore]\nname = "inner"\n')
    write("part/src/deep/file.py")
    assert discover(root / "part" / "src" / "deep").root == root / "part"
    assert discover(root / "part" / "src" / "deep" / "file.py").root == root / "part"
    assert discover(root).document.name == "mlscore.toml"


def test_a_pyproject_without_our_table_is_no_configuration(root, write):
    write("mlscore.toml", 'name = "outer"\n')
    write("part/pyproject.toml", '[project]\nname = "part"\n')
    project = discover(root / "part")
    assert (project.root, project.document.name) == (root, "mlscore.toml")


@pytest.mark.parametrize("mark", ["pyproject.toml", "setup.cfg", "pytest.ini"])
def test_without_configuration_the_nearest_marked_folder_is_the_root(root, write, mark):
    write(mark)
    (root / "part" / "src").mkdir(parents=True)
    project = discover(root / "part" / "src")
    assert (project.root, project.document, project.name) == (root, None, root.name)


def test_the_search_ends_with_the_repository(root, write):
    write("mlscore.toml", 'name = "of another project"\n')
    (root / "clone" / ".git").mkdir(parents=True)
    (root / "clone" / "src").mkdir()
    project = discover(root / "clone" / "src")
    assert (project.root, project.document) == (root / "clone", None)


def test_a_worktree_s_git_file_ends_it_too(root, write):
    write("mlscore.toml", 'name = "of another project"\n')
    write("clone/.git", "gitdir: elsewhere\n")
    assert discover(root / "clone").document is None


def test_the_name_is_pyproject_s_else_the_folder_s(root, write):
    write("pyproject.toml", '[build-system]\n\n[project]\nname = "flights"\n')
    project = discover(root)
    assert (project.name, project.name_origin) == ("flights", "pyproject.toml:4")
    write("pyproject.toml", "project = 3\n")
    assert (discover(root).name, discover(root).name_origin) == (root.name, "default")


def test_a_tool_table_of_another_shape_is_not_ours(root, write):
    write("pyproject.toml", "tool = 3\n")
    assert discover(root).document is None


def test_a_folder_s_name_is_text_whatever_its_bytes(root):
    import os
    from pathlib import Path

    folder = Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9"))
    folder.mkdir()
    assert discover(folder / "x").name == root.parent.name
    (folder / "setup.cfg").touch()
    assert discover(folder).name == "caf\\xe9"


def test_an_empty_pyproject_marks_the_root(root, write):
    write("pyproject.toml")
    assert discover(root).root == root


def test_the_root_is_spelt_as_it_was_asked_for(root, write, tmp_path, monkeypatch):
    write("mlscore.toml", 'name = "x"\n')
    (tmp_path / "link").symlink_to(root)
    assert discover(tmp_path / "link").root == tmp_path / "link"
    monkeypatch.chdir(root)
    from pathlib import Path

    assert discover(Path()).root == root


def test_a_folder_that_contains_itself_by_a_link_is_searched_once(root, write):
    write("mlscore.toml", 'name = "x"\n')
    (root / "again").symlink_to(root, target_is_directory=True)
    deep = root.joinpath(*["again"] * 30)
    assert discover(deep).document.path == deep / "mlscore.toml"


def test_a_place_that_does_not_exist_belongs_to_what_is_above(root, write):
    write("mlscore.toml", 'name = "x"\n')
    assert discover(root / "no" / "such").root == root
