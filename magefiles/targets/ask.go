package targets

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
)

// agrees asks the person at the terminal a question, and reports whether the answer is yes.
func (v view) agrees(ctx context.Context, question string) bool {
	defer v.display.Pause()()
	fmt.Fprintf(v.screen.Out, "\n%s [y/N] ", question)
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		answers <- line
	}()
	select {
	case <-ctx.Done():
		return false
	case answer := <-answers:
		return strings.EqualFold(strings.TrimSpace(answer), "y") || strings.EqualFold(strings.TrimSpace(answer), "yes")
	}
}
