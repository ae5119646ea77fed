package targets

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"testing"
)

// TestPatterns compiles every expression that is otherwise compiled when it is first used.
func TestPatterns(t *testing.T) {
	found := 0
	for name, files := range parsed(t) {
		for _, file := range files {
			ast.Inspect(file, func(node ast.Node) bool {
				call, isCall := node.(*ast.CallExpr)
				if !isCall || !isLazy(call) {
					return true
				}
				found++
				expression, isConstant := joinedText(call.Args[0])
				if !isConstant {
					t.Errorf("%s: an expression for pattern.Lazy is not a constant string", name)
				} else if _, err := regexp.Compile(expression); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				return true
			})
		}
	}
	if found < 50 {
		t.Errorf("%d expressions were found, expected 50 or more", found)
	}
}

func isLazy(call *ast.CallExpr) bool {
	selector, is := call.Fun.(*ast.SelectorExpr)
	if !is || selector.Sel.Name != "Lazy" {
		return false
	}
	name, is := selector.X.(*ast.Ident)
	return is && name.Name == "pattern"
}

// joinedText returns the text of strings that are joined.
func joinedText(node ast.Expr) (string, bool) {
	switch node := node.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(node.Value)
		return text, err == nil && node.Kind == token.STRING
	case *ast.BinaryExpr:
		left, isLeft := joinedText(node.X)
		right, isRight := joinedText(node.Y)
		return left + right, isLeft && isRight && node.Op == token.ADD
	}
	return "", false
}
