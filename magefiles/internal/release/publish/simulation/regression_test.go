package simulation

// regressions are the seeds that ever failed, with what each found. What a seed
// does changes with the requests that a release makes: each defect has a test of
// its own in package publish, too.
var regressions = []uint64{
	76172110,   // GitHub's badge went from a rolled-back release to one that is lower than what another tool released
	246,        // of two builds at once, one wrote its notes into the other's draft
	2979,       // of two builds at once, one replaced a file of the other, which was public by then
	11,         // a lost answer while the release list lags leaves two drafts; the empty one was taken for the release
	69,         // an interrupted rollback left its record under the temporary name
	116,        // a rollback left latest on the rolled-back release, though another one was healthy
	167,        // latest moved from a rolled-back release to one that is lower than what another tool released
	201,        // a rolled-back release that lacked a file kept GitHub's badge
	344,        // GitHub's badge was given again and again to a release that was rolled back meanwhile
	33,         // a second run read an announcement as not begun, and posted it again (with a request less in Promote)
	4390,       // a second draft was left where the run that published the first one was killed
	3958831632, // a failure while a promotion was undone was taken for its end, and the badge stayed
	3244761420, // a run that had waited deleted a file of a release that another run had published meanwhile
	4018004080, // a run that came too late took the place of a state while another run replaced that
	310921335,  // latest was given to a release whose rollback had ended since this run looked at it
	3284507850, // a second run gave latest back to a release that was rolled back while it waited
	367827196,  // an answer 409 was taken for a record that does not exist
	2338542254, // a file was deleted from the draft while the tags moved, and an immutable release went out without it
	3280460988, // a first state that came too late was read while another one was replaced
}
