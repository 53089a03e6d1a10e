package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
)

func newMail(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "mail", Short: "Try whether the server can send mail", Args: wrongArgs(cobra.NoArgs), RunE: needsSubcommand,
	}
	cmd.AddCommand(newMailTest(s))
	return cmd
}

func newMailTest(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "test E-MAIL", Short: "Send a letter to an address and say what happened", Args: wrongArgs(cobra.ExactArgs(1)),
		Long: `test hands a letter to the mail server or vendor of the settings mail.smtp or
mail.resend_key, at once, and says what they answered. While a server runs, it
is the one that sends, with the settings it was started with.`,
		Example: "  aichat-server mail test you@example.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				var sent wire.MailTest
				if err := o.call(cmd.Context(), http.MethodPost, wire.PathAdminMailTest, nil, wire.NewMailTest{To: args[0]}, &sent); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), sent)
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s took the letter to %s; it should arrive soon\n", sent.Through, sent.To)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer as JSON")
	return cmd
}
