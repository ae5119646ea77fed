package targets

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
)

// agrees asks the person at the terminal a question to which the answer is yes or no. No
// answer is a no.
func (p *session) agrees(ctx context.Context, question string) bool {
	defer p.display.Pause()()
	fmt.Fprintf(p.screen.Out, "\n%s [y/N] ", question)
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
