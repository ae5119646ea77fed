package testkit

// Old makes in a clone the history of an app that was released by hand for years, and pushes
// it: two unrelated roots, tags of two numbers, lightweight tags and a last annotated one long
// ago, two tags on one commit, a tag that is in no branch, and commits of many forms.
func (c Clone) Old() {
	c.t.Helper()
	commit := func(file, message string) {
		c.t.Helper()
		c.Write(file, message+"\n")
		c.Git("add", file)
		c.Git("commit", "-q", "-m", message)
	}
	commit("app", "Initial commit")
	c.Git("tag", "v0.1")
	commit("app", "feat(core,ui): second try — with a dash")
	c.Git("tag", "v0.2")
	commit("app", "track(a/b+c): plan → do: what `x` says")
	c.Git("tag", "-a", "-m", "the last annotated one", "v1.5.0")

	c.Git("checkout", "-q", "--orphan", "import")
	c.Git("rm", "-q", "-r", "-f", "--cached", ".")
	commit("imported", "conductor: an import with a history of its own")
	c.Git("checkout", "-q", "-f", "main")
	c.Git("merge", "-q", "--allow-unrelated-histories", "-m", "merge the import", "import")
	c.Git("branch", "-q", "-D", "import")

	commit("app", "release: v1.9.0")
	c.Git("tag", "v1.9.0")
	c.Git("tag", "v1.9.1")
	c.Git("checkout", "-q", "--detach", "v1.9.1")
	commit("app", "fix: only in a tag")
	c.Git("tag", "v1.9.2")
	c.Git("checkout", "-q", "main")
	commit("app", "security(auth.v2): a feature shipped as a patch\n\nnothing BREAKING here")
	c.Git("tag", "v1.9.3")
	commit("app", "feat: after all of it")
	c.Git("push", "-q", "-u", "origin", "main", "--tags")
}
